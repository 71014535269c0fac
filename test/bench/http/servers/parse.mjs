// No server, and nothing but the parsing, in the way the core is handed its events.

/** Each one is awaited before the next, as those of the core are. */
export async function receive({ body, amount }) {
  const bytes = Buffer.from(body);
  for (let left = amount; left > 0; left -= 1) {
    const { CallbackCommand } = await JSON.parse(bytes.toString());
    if (CallbackCommand === undefined) throw new Error('that was no callback');
  }
}
