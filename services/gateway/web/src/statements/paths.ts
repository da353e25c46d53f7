import { useSurface } from "../shell/surface";

/** Where statements are on this surface: the mall has pages of its own for them. */
export function useStatementsPath(): string {
  return useSurface().statements ?? "/statements";
}
