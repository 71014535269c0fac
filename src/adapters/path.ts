/** Takes URLs apart, as every adapter needs it. */

/** The raw query string of a URL, without the question mark. */
export function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** The path of a URL, without its query. */
export function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

/** Whether a path is the one that is wanted, with or without a slash at its end, as frameworks have it. */
export function isPath(path: string, wanted: string): boolean {
  return path === wanted || (wanted !== '/' && path === `${wanted}/`);
}
