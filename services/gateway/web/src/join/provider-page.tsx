import type { Client } from "@connectrpc/connect";
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { IdentityProviderService } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import type { SignInResponse } from "../gen/qudao/partner/v1/identity_service_pb";
import { useI18n } from "../i18n/i18n";
import { answerOf, takeVisit, type Visit } from "../session/provider-visit";
import { useSession } from "../session/session";
import { Empty, Failure, Loading } from "../ui/states";
import { JoinPage } from "./join-page";

type Answer = NonNullable<ReturnType<typeof answerOf>>;
type State = "busy" | "lost" | "cancelled" | { error: unknown };

/** Ends a visit that this tab began; who comes out of it, if it signs somebody in. */
async function finish(provider: Client<typeof IdentityProviderService>, visit: Visit, answer: Answer): Promise<SignInResponse | undefined> {
  const { purpose, flowSecret } = visit;
  const flow = { ...answer, flowSecret };
  const requestId = crypto.randomUUID();
  if (purpose.kind === "link") {
    await provider.linkIdentity({ requestId, flow });
    return undefined;
  }
  if (purpose.kind === "invitation") {
    const { token, login, name } = purpose;
    return (await provider.acceptInvitationByProvider({ requestId, flow, token, login, name })).session;
  }
  return (await provider.finishOidcSignIn({ flow })).session;
}

/** Where the identity provider sends the browser back to. */
export default function ProviderPage() {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { begin } = useSession();
  const navigate = useNavigate();
  const [state, setState] = useState<State>("busy");
  const begun = useRef(false);
  useEffect(() => {
    // A visit can be ended once, and React may run an effect twice.
    if (begun.current) return;
    begun.current = true;
    const visit = takeVisit();
    const answer = answerOf(window.location.search);
    // The code is of no use to anybody any more; it need not stay in the address.
    window.history.replaceState(null, "", window.location.pathname);
    if (!visit) return setState("lost");
    if (!answer) return setState("cancelled");
    finish(provider, visit, answer).then(
      (session) => {
        if (visit.purpose.kind === "link") return void navigate("/account?linked=1", { replace: true });
        if (session?.user) localStorage.setItem("qudao.lastTenant", session.user.tenantId);
        if (session) begin(session);
        void navigate("/", { replace: true });
      },
      (error: unknown) => setState({ error }),
    );
  }, [provider, begin, navigate]);

  return (
    <JoinPage title={t("oidc.title")} claim={t("oidc.title")} quiet>
      {state === "busy" ? (
        <Loading rows={3} />
      ) : (
        <>
          {typeof state === "object" ? (
            <Failure error={state.error} />
          ) : (
            <Empty title={t(`oidc.${state}`)} todo={t(`oidc.${state}.todo`)} />
          )}
          <Button block onClick={() => void navigate("/", { replace: true })}>
            {t("oidc.back")}
          </Button>
        </>
      )}
    </JoinPage>
  );
}
