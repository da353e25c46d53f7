import { dayOf } from "../format/time";
import { useUser } from "../session/session";

/** Today where the brand is, `YYYY-MM-DD`. */
export function useToday(): string {
  const { timeZone } = useUser();
  return dayOf(new Date().toISOString(), timeZone);
}
