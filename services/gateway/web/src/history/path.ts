/** Where the history of an object is read: an id, or `type/id`. */
export function historyPath(object: string): string {
  return `/history/${object.split("/").map(encodeURIComponent).join("/")}`;
}
