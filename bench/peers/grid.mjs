// grid.mjs - what both JavaScript peers share: the exported grid, the formulas written out with only the terms that
// some combination needs, and the protocol: a task per line in, its seconds and answer as JSON out.
import fs from 'node:fs';
import readline from 'node:readline';

export const components = ['weights', 'kv_cache', 'activations', 'gradients', 'optimizer', 'overhead'];
export const names = ['model', 'weights', 'kv', 'mode', 'layout', 'engine', 'method'];

const table = (file) => {
    const [head, ...lines] = fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(','));
    return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
};

export const readGrid = (folder) => {
    const combos = table(`${folder}/combos.csv`);
    const gpus = table(`${folder}/gpus.csv`).map((g) => Number(g.capacity));
    return {
        combos,
        gpus,
        phases: Math.max(...combos.map((c) => Number(c.phases))),
        limits: [...new Set(gpus)].sort((a, b) => a - b),
        contexts: table(`${folder}/contexts.csv`).map((r) => Number(r.s)),
        batches: table(`${folder}/batches.csv`).map((r) => Number(r.b)),
    };
};

// Whether any of these combinations has this coefficient: a term that is 0 everywhere is not worth computing.
export const used = (combos, column) => combos.some((c) => Number(c[column]) !== 0);

// Counts per GPU from counts per distinct capacity.
export const perGpu = (grid, held) => grid.gpus.map((capacity) => Number(held[grid.limits.indexOf(capacity)]));

export const serve = async (tasks) => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const [task, ...args] = line.trim().split(' ');
        const answer = await tasks[task](...args);
        process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
};

export const timed = async (work) => {
    const used = process.cpuUsage();
    const start = process.hrtime.bigint();
    const value = await work();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { user, system } = process.cpuUsage(used);
    return { seconds, cpu: (user + system) / 1e6, value };
};
