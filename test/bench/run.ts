/** `npm run bench -- http`, `queues`, `start` or `memory`: measures, and prints what it measured. */

const subjects = {
  http: () => import('./http/index.js'),
  queues: () => import('./queues/index.js'),
  start: () => import('./start.js'),
  memory: () => import('./memory.js'),
} as const;

function isSubject(name: string | undefined): name is keyof typeof subjects {
  return name !== undefined && Object.hasOwn(subjects, name);
}

const [subject, ...args] = process.argv.slice(2);

if (isSubject(subject)) {
  const { main } = await subjects[subject]();
  await main(args);
} else {
  const names = Object.keys(subjects).join(' | ');
  console.log(`Usage: npm run bench -- ${names} [options]; --help after each tells its options.`);
  process.exitCode = 1;
}
