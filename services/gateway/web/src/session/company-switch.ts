import { useAction } from "../api/use-action";
import { useClient } from "../api/clients";
import type { Membership } from "../gen/qudao/partner/v1/identity_service_pb";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import type { Translate } from "../i18n/i18n";
import { useSession } from "./session";

/** What people call the company of a membership. */
export function companyName({ companyName: name, dealerId }: Membership, t: Translate): string {
  return name || dealerId || t("company.brand");
}

/** Acts in another of one's companies from now on. */
export function useSwitch() {
  const sessions = useClient(SessionService);
  const { goOn } = useSession();
  const { run, busy, error } = useAction();
  const switchTo = (membershipId: string) =>
    run(async () => {
      const { session } = await sessions.switchMembership({ membershipId });
      if (session) goOn(session);
    });
  return { switchTo, busy, error };
}
