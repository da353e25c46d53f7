/** Shows the first field of a form with which something is wrong, and lets it be mended at once. */
export function showFirstProblem(host: HTMLElement | null, fields: string) {
  // What is wrong stands there after the next render.
  requestAnimationFrame(() => {
    const first = host?.querySelector(`${fields} .field-error`);
    first?.scrollIntoView({ block: "center" });
    const input = first?.closest("li, .field, fieldset")?.querySelector<HTMLElement>("input, textarea");
    input?.focus({ preventScroll: true });
  });
}
