/** Set-up of every test file: its process ends when the run that started it is gone, with all that it has started. */

process.on('disconnect', () => process.exit(1));
