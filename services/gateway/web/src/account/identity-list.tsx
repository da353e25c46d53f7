import { SafetyCertificateOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useEffect, useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { useQuery } from "../api/use-query";
import { IdentityProviderService, type LinkedIdentity } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { keepVisit } from "../session/provider-visit";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { useUrlParams } from "../ui/url-state";

/** As whom the person may sign in at the brand's identity provider; nothing where there is none. */
export function IdentityList() {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const [chosen, setChosen] = useState<LinkedIdentity>();
  const query = useQuery("identities", (signal) => provider.listIdentities({}, { signal }));
  useLinkedMessage();
  const { identities = [], providerLabel = "" } = query.data ?? {};
  if (identities.length === 0 && providerLabel === "") return null;
  return (
    <Panel title={t("identities.title")}>
      {identities.length === 0 && (
        <p className="soft">
          {t("identities.none")} · {t("identities.none.todo")}
        </p>
      )}
      <ul className="sessions" aria-label={t("identities.title")}>
        {identities.map((identity) => (
          <IdentityRow key={identity.identityId} identity={identity} onUnlink={() => setChosen(identity)} />
        ))}
      </ul>
      {identities.length === 0 && <LinkButton label={providerLabel} />}
      {chosen && (
        <UnlinkDialog
          identity={chosen}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            setChosen(undefined);
            query.refetch();
          }}
        />
      )}
    </Panel>
  );
}

/** Whoever comes back from the provider is told that it went well, once. */
function useLinkedMessage() {
  const { t } = useI18n();
  const { message } = App.useApp();
  const [params, change] = useUrlParams();
  const linked = params.get("linked") === "1";
  useEffect(() => {
    if (!linked) return;
    void message.success(t("identities.linked"));
    change({ linked: "" });
  }, [linked, message, t, change]);
}

function IdentityRow({ identity, onUnlink }: { identity: LinkedIdentity; onUnlink: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <li className="session-row">
      <SafetyCertificateOutlined aria-hidden />
      <span className="name">
        <span>{identity.issuer}</span>
        <span className="soft">{identity.linkedAt && t("identities.since", { time: format.time(identity.linkedAt) })}</span>
      </span>
      <Button onClick={onUnlink}>{t("identities.unlink")}</Button>
    </li>
  );
}

function LinkButton({ label }: { label: string }) {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { run, busy, error } = useAction();
  const go = () =>
    run(async () => {
      const { flow } = await provider.startIdentityLink({});
      if (!flow) return;
      keepVisit({ purpose: { kind: "link" }, flowSecret: flow.flowSecret });
      window.location.assign(flow.authorizationUrl);
    });
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Button className="link-identity" loading={busy} onClick={() => void go()}>
        {t("identities.link", { label })}
      </Button>
    </>
  );
}

function UnlinkDialog({ identity, onClose, onDone }: { identity: LinkedIdentity; onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { message } = App.useApp();
  const command = useCommand(() => {
    void message.success(t("identities.unlink.done"));
    onDone();
  });
  const { identityId } = identity;
  return (
    <AskFirst
      title={t("identities.unlink.title")}
      okText={t("identities.unlink")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void command.run(identityId, (requestId) => provider.unlinkIdentity({ requestId, identityId }))}
    >
      <p>{identity.issuer}</p>
      <p className="soft">{t("identities.unlink.consequence")}</p>
    </AskFirst>
  );
}
