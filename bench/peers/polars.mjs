// polars.mjs - Polars' side: the grid counted by sums of comparisons, all rows as CSV. Arguments: folders of the two
// exported grids. POLARS_MAX_THREADS decides the threads.
import fs from 'node:fs';
import pl from 'nodejs-polars';
import { components, names, perGpu, readGrid, serve, timed, used } from './grid.mjs';

const [countFolder, rowsFolder] = process.argv.slice(2);
const counted = readGrid(countFolder);
const written = readGrid(rowsFolder);

const frame = (grid, combos) => ({
    combos: pl.DataFrame(Object.fromEntries(Object.keys(combos[0]).map((k) =>
        [k, combos.map((c) => (names.includes(k) ? c[k] : Number(c[k])))]))),
    contexts: pl.DataFrame({ s: grid.contexts }),
    batches: pl.DataFrame({ b: grid.batches }),
});

const slope = (combos, p) => {
    const s = pl.col('s');
    const terms = [];
    if (used(combos, `${p}_1`)) terms.push(pl.col(`${p}_1`));
    if (used(combos, `${p}_2`)) terms.push(s.mul(pl.col(`${p}_2`)));
    if (used(combos, `${p}_3`)) terms.push(s.mul(s).mul(pl.col(`${p}_3`)));
    return terms.length ? terms.reduce((a, b) => a.plus(b)) : null;
};

// Combinations by how many phases their maximum has: those of one need no maximum.
const groups = [...Array(counted.phases).keys()].map((i) => i + 1).flatMap((n) => {
    const combos = counted.combos.filter((c) => Number(c.phases) === n);
    const phases = [...Array(n).keys()];
    return combos.length ? [{ ...frame(counted, combos), phases, slopes: phases.map((p) => slope(combos, `p${p}`)) }] : [];
});

const total = (g) => g.phases.map((p) => pl.col(`p${p}_0`).plus(pl.col('b').mul(pl.col(`g${p}`))))
    .reduce((a, b) => pl.when(a.gt(b)).then(a).otherwise(b));

// What is fixed for a context is computed once, before the batches are joined.
const countGroup = (g) => g.combos.lazy().join(g.contexts.lazy(), { how: 'cross' })
    .select(...g.phases.flatMap((p) => [pl.col(`p${p}_0`), g.slopes[p].alias(`g${p}`)]))
    .join(g.batches.lazy(), { how: 'cross' })
    .select(total(g).alias('t'))
    .select(...counted.limits.map((l, i) => pl.col('t').ltEq(l).sum().alias(`l${i}`)));

// As the formulas stand: six components of every cell, summed up, against every GPU.
const component = (k) => {
    const [s, b] = [pl.col('s'), pl.col('b')];
    return pl.col(`k${k}_0`).plus(b.mul(pl.col(`k${k}_1`).plus(s.mul(pl.col(`k${k}_2`).plus(s.mul(pl.col(`k${k}_3`)))))));
};
const phase = (p) => components.map((_, k) => component(6 * p + k)).reduce((a, b) => a.plus(b));
const countPlainly = (g) => g.combos.lazy().join(g.contexts.lazy(), { how: 'cross' }).join(g.batches.lazy(), { how: 'cross' })
    .select(g.phases.map(phase).reduce((a, b) => pl.when(a.gt(b)).then(a).otherwise(b)).alias('t'))
    .select(...counted.gpus.map((l, i) => pl.col('t').ltEq(l).sum().alias(`l${i}`)));

const plainly = async () => {
    const held = counted.gpus.map(() => 0);
    for (const g of groups) (await countPlainly(g).collect({ engine: 'streaming' })).row(0).forEach((n, i) => { held[i] += Number(n); });
    return held;
};

const sums = async (engine) => {
    const held = counted.limits.map(() => 0);
    for (const g of groups) {
        const row = (await countGroup(g).collect({ engine })).row(0);
        row.forEach((n, i) => { held[i] += Number(n); });
    }
    return held;
};

const count = (engine) => async () => {
    const { value, ...seconds } = await timed(() => sums(engine));
    return { ...seconds, fits: perGpu(counted, value) };
};

// A component without what is 0 everywhere; null when all of it is.
const shortest = (k) => {
    const steep = slope(written.combos, `k${k}`);
    const terms = used(written.combos, `k${k}_0`) ? [pl.col(`k${k}_0`)] : [];
    if (steep) terms.push(pl.col('b').mul(steep));
    return terms.length ? terms.reduce((a, b) => a.plus(b)) : null;
};

// All columns of `vramsweep run`; those without a GPU are empty.
const rows = (value) => {
    const f = frame(written, written.combos);
    const int = (e) => e.cast(pl.Int64);
    const none = pl.lit(null).cast(pl.Utf8);
    const values = components.map((_, k) => value(k));
    const sum = values.filter((v) => v).reduce((a, b) => a.plus(b));
    const empty = ['usable_bytes', 'headroom_bytes', 'fits', 'min_gpus', 'max_batch', 'max_context', 'kv_capacity_tokens'];
    return f.combos.lazy().join(f.contexts.lazy(), { how: 'cross' }).join(f.batches.lazy(), { how: 'cross' }).select(
        ...names.slice(0, 3).map((n) => pl.col(n)), int(pl.col('s')).alias('context'), int(pl.col('b')).alias('batch'),
        ...names.slice(3).map((n) => pl.col(n)), none.alias('gpu'), none.alias('gpus'),
        ...components.map((c, k) => (values[k] ? int(values[k]) : int(pl.lit(0))).alias(`${c}_bytes`)),
        int(sum).alias('total_bytes'), ...empty.map((e) => none.alias(e)), pl.lit('ok').alias('status'));
};

await serve({
    sums: count(undefined),
    streaming: count('streaming'),
    six: async () => { const { value, ...seconds } = await timed(plainly); return { ...seconds, fits: value }; },
    rows: async (path) => timed(async () => { await rows(shortest).sinkCSV(path).collect({ engine: 'streaming' }); }),
    sixrows: async (path) => timed(async () => { await rows(component).sinkCSV(path).collect({ engine: 'streaming' }); }),
    version: async () => ({ version: `Polars ${JSON.parse(fs.readFileSync(new URL('package.json', import.meta.resolve('nodejs-polars').replace('/bin/index.js', '/package.json')))).version} (nodejs-polars)` }),
});
