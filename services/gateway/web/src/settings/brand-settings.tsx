import { App, Button, Checkbox, Input, Select } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { useClient } from "../api/clients";
import { reasonOf } from "../api/errors";
import { useQuery } from "../api/use-query";
import { isColour } from "../contrast";
import { Module } from "../gen/qudao/access/v1/access_pb";
import { TenantService, type GetTenantResponse } from "../gen/qudao/partner/v1/tenant_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useBrand } from "../session/brand";
import { useSession, useUser } from "../session/session";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { Panel } from "../ui/page";
import { QueryView } from "../ui/states";
import { AccentField, LogoField } from "./brand-fields";
import { draftOf, sameDraft, type BrandDraft } from "./brand-state";

const MODULES: [Module, Key][] = [
  [Module.ORDER, "module.order"],
  [Module.DEAL, "module.deal"],
  [Module.BUDGET, "module.budget"],
  [Module.VISIT, "module.visit"],
  [Module.COURSE, "module.course"],
  [Module.FORECAST, "module.forecast"],
  [Module.BI, "module.bi"],
  [Module.COLLAB, "module.collab"],
];

const FIELDS = ["name", "logo", "accent_colour", "accent_colour_dark", "locale", "time_zone", "fiscal_start_month", "modules"];

/** How the brand looks and works. */
export function BrandSettings() {
  const { tenantId } = useUser();
  const tenants = useClient(TenantService);
  const [version, setVersion] = useState(0);
  const query = useQuery(`tenant/${tenantId}/${version}`, (signal) => tenants.getTenant({ tenantId }, { signal }), { keep: true });
  const settled = !query.loading;
  return (
    <Panel>
      <QueryView query={query}>
        {/* What is read again in between must not touch what is being written. */}
        {(tenant) => <BrandForm key={`${version}/${settled ? "read" : ""}`} tenant={tenant} onRead={() => setVersion(version + 1)} />}
      </QueryView>
    </Panel>
  );
}

function BrandForm({ tenant, onRead }: { tenant: GetTenantResponse; onRead: () => void }) {
  const { t } = useI18n();
  const tenants = useClient(TenantService);
  const { attempt, reload } = useBrand();
  const { reread } = useSession();
  const { message } = App.useApp();
  // What was read first: a later reading must not pass for what the draft was made from.
  const [base] = useState(tenant);
  const [read] = useState(() => draftOf(base));
  const [draft, setDraft] = useState(read);
  const command = useCommand(() => {
    void message.success(t("brand.saved"));
    reload();
    reread();
    onRead();
  });
  const problem = useFieldProblems(command.error);
  const conflict = command.error !== undefined && reasonOf(command.error) === "STALE_VERSION";
  const set = (change: Partial<BrandDraft>) => setDraft((before) => ({ ...before, ...change }));
  useLiveLook(draft, attempt);

  const save = (event: FormEvent) => {
    event.preventDefault();
    void command.run(draft, async (requestId) => {
      const wanted = { ...draft, name: draft.name.trim() };
      return tenants.changeTenant({ ...wanted, requestId, expectedVersion: base.version });
    });
  };
  const colours = [draft.accentColour, draft.accentColourDark];
  const ready = draft.name.trim() !== "" && draft.modules.length > 0 && colours.every((it) => it === "" || isColour(it));
  return (
    <form className="brand-form" onSubmit={save}>
      <Field label={t("brand.name")} problem={problem("name")}>
        <Input maxLength={100} value={draft.name} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <LogoField value={draft.logo} onChange={(logo) => set({ logo })} problem={problem("logo")} />
      <AccentField
        scheme="light"
        value={draft.accentColour}
        other={draft.accentColourDark}
        problem={problem("accent_colour")}
        onChange={(accentColour) => set({ accentColour })}
      />
      <AccentField
        scheme="dark"
        value={draft.accentColourDark}
        other={draft.accentColour}
        problem={problem("accent_colour_dark")}
        onChange={(accentColourDark) => set({ accentColourDark })}
      />
      <WorkFields draft={draft} set={set} currency={base.settings?.currencyCode ?? ""} problem={problem} />
      {conflict ? <Conflict onRead={onRead} /> : <RestOfFailure error={command.error} fields={FIELDS} />}
      <div className="row-actions">
        <Button type="primary" htmlType="submit" loading={command.busy} disabled={!ready || sameDraft(draft, read)}>
          {t("brand.save")}
        </Button>
        <Button disabled={sameDraft(draft, read)} onClick={() => setDraft(read)}>
          {t("brand.discard")}
        </Button>
      </div>
    </form>
  );
}

/** The whole page looks like the draft while it is written; leaving takes that back. */
function useLiveLook({ name, logo, accentColour, accentColourDark }: BrandDraft, attempt: ReturnType<typeof useBrand>["attempt"]) {
  useEffect(() => {
    attempt({ name, logo, accent: accentColour, accentDark: accentColourDark });
  }, [attempt, name, logo, accentColour, accentColourDark]);
  useEffect(() => () => attempt(undefined), [attempt]);
}

function Conflict({ onRead }: { onRead: () => void }) {
  const { t } = useI18n();
  return (
    <div className="state state-failed" role="alert">
      <p className="state-title">{t("error.aborted")}</p>
      <p className="soft">{t("brand.conflict.todo")}</p>
      <Button onClick={onRead}>{t("brand.conflict.read")}</Button>
    </div>
  );
}

interface WorkProps {
  draft: BrandDraft;
  set: (change: Partial<BrandDraft>) => void;
  currency: string;
  problem: (field: string) => string;
}

function WorkFields({ draft, set, currency, problem }: WorkProps) {
  const { locale, t } = useI18n();
  const monthName = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" });
  const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));
  const months = Array.from({ length: 12 }, (_, i) => ({ value: i + 1, label: monthName.format(Date.UTC(2026, i)) }));
  return (
    <>
      <Field label={t("brand.locale")} problem={problem("locale")} hint={t("brand.locale.hint")}>
        <Select
          value={draft.locale}
          options={[
            { value: "zh-CN", label: "中文" },
            { value: "en", label: "English" },
          ]}
          onChange={(locale) => set({ locale })}
        />
      </Field>
      <Field label={t("brand.timeZone")} problem={problem("time_zone")} hint={t("brand.timeZone.hint")}>
        <Select showSearch value={draft.timeZone} options={zones} onChange={(timeZone) => set({ timeZone })} />
      </Field>
      <Field label={t("brand.fiscal")} problem={problem("fiscal_start_month")}>
        <Select value={draft.fiscalStartMonth} options={months} onChange={(fiscalStartMonth) => set({ fiscalStartMonth })} />
      </Field>
      <p className="soft">{t("brand.currency", { currency })}</p>
      <fieldset className="field">
        <legend>{t("brand.modules")}</legend>
        <Checkbox.Group
          className="role-choice"
          value={draft.modules}
          options={MODULES.map(([value, name]) => ({ value, label: t(name) }))}
          onChange={(modules) => set({ modules: [...modules].sort((a, b) => a - b) })}
        />
        {draft.modules.length === 0 && (
          <span className="field-error" role="alert">
            {t("brand.modules.one")}
          </span>
        )}
        {problem("modules") && <span className="field-error">{problem("modules")}</span>}
      </fieldset>
    </>
  );
}
