// duckdb.mjs - DuckDB's side: the grid counted in three ways of SQL and with the analytic trick, all rows as CSV, CSV to
// Parquet. Arguments: folders of the two exported grids, threads.
import { DuckDBInstance, version } from '@duckdb/node-api';
import { components, names, perGpu, readGrid, serve, timed, used } from './grid.mjs';

const [countFolder, rowsFolder, threads] = process.argv.slice(2);
const counted = readGrid(countFolder);
const written = readGrid(rowsFolder);
const db = await (await DuckDBInstance.create(':memory:', { threads })).connect();
const sql = (text) => db.runAndReadAll(text);

// Numbers are read as DOUBLE, so that products are computed as the kernels compute them.
const load = async (prefix, folder) => {
    for (const name of ['combos', 'contexts', 'batches']) {
        const types = name === 'combos' ? `types={${names.map((n) => `'${n}': 'VARCHAR'`).join(', ')}}` : 'header=true';
        const casts = name === 'combos' ? `columns('^[pk][0-9]+_')::DOUBLE, ${names.join(', ')}, phases` : 'columns(*)::DOUBLE';
        await sql(`create table ${prefix}_${name} as select ${casts} from read_csv('${folder}/${name}.csv', ${types})`);
    }
};
await load('counted', countFolder);
await load('written', rowsFolder);

// c1 + s * (c2 + s * c3), without what is 0 everywhere; null when all of it is.
const slope = (combos, p) => {
    const terms = [];
    if (used(combos, `${p}_1`)) terms.push(`${p}_1`);
    if (used(combos, `${p}_2`)) terms.push(`s * ${p}_2`);
    if (used(combos, `${p}_3`)) terms.push(`s * s * ${p}_3`);
    return terms.length ? terms.join(' + ') : null;
};

// Combinations by how many phases their maximum has: those of one need no GREATEST.
const groups = [...Array(counted.phases).keys()].map((i) => i + 1).flatMap((n) => {
    const combos = counted.combos.filter((c) => Number(c.phases) === n);
    const phases = [...Array(n).keys()];
    return combos.length ? [{ n, phases, slopes: phases.map((p) => slope(combos, `p${p}`)) }] : [];
});

// Per combination and context: c0 and slope of each phase. What is fixed for a context is computed once.
const lines = (group) => `select ${group.phases.map((p) => `p${p}_0 as c${p}, ${group.slopes[p]} as g${p}`).join(', ')}
    from counted_combos, counted_contexts where phases = ${group.n}`;

const totals = groups.map((g) => {
    const phases = g.phases.map((p) => `c${p} + b * g${p}`);
    const total = phases.length > 1 ? `greatest(${phases.join(', ')})` : phases[0];
    return `select ${total} as t from (${lines(g)}), counted_batches`;
}).join(' union all ');

// As the formulas stand: six components of every cell, summed up.
const component = (k) => `(k${k}_0 + b * (k${k}_1 + s * (k${k}_2 + s * k${k}_3)))`;
const phase = (p) => components.map((_, k) => component(6 * p + k)).join(' + ');
const plainTotals = groups.map((g) => {
    const total = g.n > 1 ? `greatest(${g.phases.map(phase).join(', ')})` : phase(0);
    return `select ${total} as t from counted_combos, counted_contexts, counted_batches where phases = ${g.n}`;
}).join(' union all ');

const cumulative = (rank) => counted.limits.map((_, i) => rank.slice(0, i + 1).reduce((a, b) => a + b, 0));

const countRanks = async (totals) => {
    const rank = counted.limits.map((l, i) => `when t <= ${l} then ${i}`).join(' ');
    const result = await sql(`select r, count(*) from (select case ${rank} else -1 end as r from (${totals})) group by r`);
    const found = counted.limits.map(() => 0);
    for (const [r, n] of result.getRows()) if (r >= 0) found[r] = Number(n);
    return cumulative(found);
};

const ways = {
    filters: async () => {
        const counts = counted.limits.map((l) => `count(*) filter (t <= ${l})`);
        return (await sql(`select ${counts.join(', ')} from (${totals})`)).getRows()[0];
    },
    sums: async () => {
        const counts = counted.limits.map((l) => `sum((t <= ${l})::INTEGER)`);
        return (await sql(`select ${counts.join(', ')} from (${totals})`)).getRows()[0];
    },
    ranks: () => countRanks(totals),
    six: () => countRanks(plainTotals),
    // Batches are 1..n: as many fit as the smallest of floor((capacity - c0) / slope) over the phases says.
    analytic: async () => {
        const most = counted.batches.length;
        const one = groups.map((g) => {
            const fits = (l) => g.phases.map((p) => `floor((${l} - c${p}) / g${p})`).join(', ');
            const sums = counted.limits.map((l, i) => `sum(greatest(0, least(${most}, ${fits(l)}))) as l${i}`);
            return `select ${sums.join(', ')} from (${lines(g)})`;
        });
        const all = counted.limits.map((_, i) => `sum(l${i})`);
        return (await sql(`select ${all.join(', ')} from (${one.join(' union all ')})`)).getRows()[0];
    },
};

const count = (way) => async () => {
    const { value, ...seconds } = await timed(ways[way]);
    return { ...seconds, fits: perGpu(counted, value) };
};

// A component without what is 0 everywhere; '0' when all of it is.
const shortest = (k) => {
    const terms = [];
    if (used(written.combos, `k${k}_0`)) terms.push(`k${k}_0`);
    const steep = slope(written.combos, `k${k}`);
    if (steep) terms.push(`b * (${steep})`);
    return terms.length ? terms.join(' + ') : '0';
};

// All columns of `vramsweep run`; those without a GPU are empty.
const rowsQuery = (value) => {
    const bytes = components.map((c, k) => `(${value(k)})::BIGINT as ${c}_bytes`);
    const total = components.map((_, k) => value(k)).filter((v) => v !== '0').join(' + ');
    const empty = ['usable_bytes', 'headroom_bytes', 'fits', 'min_gpus', 'max_batch', 'max_context', 'kv_capacity_tokens'];
    return `select model, weights, kv, s::BIGINT as context, b::BIGINT as batch, mode, layout, engine, method,
        null as gpu, null as gpus, ${bytes.join(', ')}, (${total})::BIGINT as total_bytes,
        ${empty.map((e) => `null as ${e}`).join(', ')}, 'ok' as status
        from written_combos, written_contexts, written_batches`;
};

await serve({
    ...Object.fromEntries(Object.keys(ways).map((way) => [way, count(way)])),
    rows: async (path) => timed(async () => { await sql(`copy (${rowsQuery(shortest)}) to '${path}' (header)`); }),
    sixrows: async (path) => timed(async () => { await sql(`copy (${rowsQuery(component)}) to '${path}' (header)`); }),
    parquet: async (from, to) => timed(async () => { await sql(`copy (from '${from}') to '${to}'`); }),
    version: async () => ({ version: `DuckDB ${version()}` }),
});
