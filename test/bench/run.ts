/** `npm run bench -- http` or `npm run bench -- queues`: measures, and prints what it measured. */

const [subject, ...args] = process.argv.slice(2);

if (subject === 'http') {
  const { main } = await import('./http/index.js');
  await main(args);
} else if (subject === 'queues') {
  const { main } = await import('./queues/index.js');
  await main(args);
} else {
  console.log('Usage: npm run bench -- http | queues [options]; --help after either tells its options.');
  process.exitCode = 1;
}
