import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { IdentityProviderService } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import { useI18n } from "../i18n/i18n";
import { Failure } from "../ui/states";
import { keepVisit } from "./provider-visit";

interface Props {
  label: string;
  /** Whose people sign in. */
  tenantId?: string;
  /** What is accepted instead. */
  invitation?: { token: string; login: string; name: string };
  disabled?: boolean;
}

/** Leads to the brand's identity provider, and back to the page that ends the visit. */
export function ProviderButton({ label, tenantId = "", invitation, disabled = false }: Props) {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { run, busy, error } = useAction();
  const go = () =>
    run(async () => {
      const { flow } = await provider.startOidcSignIn({ tenantId, invitationToken: invitation?.token ?? "" });
      if (!flow) return;
      const purpose = invitation ? { kind: "invitation" as const, ...invitation } : { kind: "signIn" as const, tenantId };
      keepVisit({ purpose, flowSecret: flow.flowSecret });
      window.location.assign(flow.authorizationUrl);
    });
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Button
        className="provider-button"
        size="large"
        block
        icon={<SafetyCertificateOutlined />}
        loading={busy}
        disabled={disabled}
        onClick={() => void go()}
      >
        {t(invitation ? "oidc.join" : "oidc.signIn", { label })}
      </Button>
    </>
  );
}
