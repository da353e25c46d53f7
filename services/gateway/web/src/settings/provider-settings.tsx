import { App, Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { IdentityProviderService, type IdentityProvider } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useBrand } from "../session/brand";
import { AskFirst } from "../ui/ask-first";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { Panel } from "../ui/page";
import { ReasonField } from "../ui/reason-field";
import { QueryView } from "../ui/states";

/** Through which identity provider the brand's people may sign in. */
export function ProviderSettings() {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { reload } = useBrand();
  const query = useQuery("identity-provider", (signal) => provider.getIdentityProvider({}, { signal }));
  const changed = () => {
    query.refetch();
    reload();
  };
  return (
    <Panel title={t("idp.title")}>
      <p className="soft">{t("idp.what")}</p>
      <QueryView query={query} isEmpty={() => false} empty={null}>
        {(data) => (
          <ProviderForm key={String(data.provider?.version ?? 0)} {...(data.provider && { known: data.provider })} onChanged={changed} />
        )}
      </QueryView>
    </Panel>
  );
}

const FIELDS = ["issuer", "client_id", "client_secret", "label", "redirect_uri"];

function ProviderForm({ known, onChanged }: { known?: IdentityProvider; onChanged: () => void }) {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { message } = App.useApp();
  const [removing, setRemoving] = useState(false);
  const [form, setForm] = useState({
    issuer: known?.issuer ?? "",
    clientId: known?.clientId ?? "",
    clientSecret: "",
    label: known?.label ?? "",
    redirectUri: known?.redirectUri ?? `${window.location.origin}/oidc/callback`,
  });
  const command = useCommand(() => {
    void message.success(t("idp.saved"));
    onChanged();
  }, onChanged);
  const problem = useFieldProblems(command.error);
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expectedVersion = known?.version;
    void command.run(form, (requestId) =>
      provider.configureIdentityProvider({ requestId, ...form, ...(expectedVersion !== undefined && { expectedVersion }) }),
    );
  };
  return (
    <form className="identity-form narrow provider-form" onSubmit={submit}>
      <Field label={t("idp.label")} problem={problem("label")}>
        <Input name="label" required maxLength={100} value={form.label} onChange={(event) => set({ label: event.target.value })} />
      </Field>
      <Field label={t("idp.issuer")} problem={problem("issuer")} hint={t("idp.issuer.hint")}>
        <Input name="issuer" type="url" required maxLength={500} value={form.issuer} onChange={(event) => set({ issuer: event.target.value.trim() })} />
      </Field>
      <Field label={t("idp.clientId")} problem={problem("client_id")}>
        <Input name="client-id" required maxLength={200} value={form.clientId} onChange={(event) => set({ clientId: event.target.value })} />
      </Field>
      <Field
        label={t("idp.clientSecret")}
        problem={problem("client_secret")}
        hint={t(known?.hasSecret ? "idp.clientSecret.kept" : "idp.clientSecret.hint")}
      >
        <Input.Password
          name="client-secret"
          autoComplete="off"
          maxLength={500}
          value={form.clientSecret}
          onChange={(event) => set({ clientSecret: event.target.value })}
        />
      </Field>
      <Field label={t("idp.redirect")} problem={problem("redirect_uri")} hint={t("idp.redirect.hint")}>
        <Input name="redirect-uri" type="url" required maxLength={500} value={form.redirectUri} onChange={(event) => set({ redirectUri: event.target.value.trim() })} />
      </Field>
      <RestOfFailure error={command.error} fields={FIELDS} />
      <div className="row-actions">
        <Button type="primary" htmlType="submit" loading={command.busy}>
          {t("idp.save")}
        </Button>
        {known && (
          <Button danger onClick={() => setRemoving(true)}>
            {t("idp.remove")}
          </Button>
        )}
      </div>
      {removing && (
        <RemoveDialog
          onClose={() => setRemoving(false)}
          onDone={() => {
            setRemoving(false);
            onChanged();
          }}
        />
      )}
    </form>
  );
}

function RemoveDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const provider = useClient(IdentityProviderService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand(() => {
    void message.success(t("idp.remove.done"));
    onDone();
  });
  const text = reason.trim();
  return (
    <AskFirst
      title={t("idp.remove.title")}
      okText={t("idp.remove")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(text, (requestId) => provider.removeIdentityProvider({ requestId, reason: text }))}
    >
      <p>{t("idp.remove.consequence")}</p>
      <ReasonField label={t("programs.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
