import { App, Button, Input, Select } from "antd";
import { useRef, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { problemOf } from "../api/errors";
import { useClient } from "../api/clients";
import { AudienceFields } from "../audience/audience-fields";
import type { ProblemOf } from "../audience/form";
import { ScopeFields } from "../audience/scope-fields";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { DayField } from "../ui/day-field";
import { Field } from "../ui/field-problems";
import { showFirstProblem } from "../ui/first-problem";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { firstDay, fitting, problemsOf, termsOf, type RebateForm } from "./form";
import { RebateTermsView } from "./terms-view";
import { TierFields } from "./tier-fields";
import { BASES, CYCLES, LADDERS } from "./words";

/** Where fields stand, as opposed to the preview. */
const FIELDS = ".promo-form";

interface Props {
  /** The form as it was read, or as a new one begins. */
  start: RebateForm;
  whose: { planId: string; version: bigint };
}

export interface FieldsProps {
  form: RebateForm;
  set: (change: Partial<RebateForm>) => void;
  problem: ProblemOf;
}

/** The editor of a plan, with what it would say beside it. */
export function RebateEditor({ start, whose }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<RebateForm>) => setForm((before) => fitting({ ...before, ...change }));
  const { command, save } = useSave(form, whose);
  const { problem, rest } = useProblems(form, tried, command.error);
  const host = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problemsOf(form).size === 0) save();
    else showFirstProblem(host.current, FIELDS);
  };
  const back = whose.planId ? `/rebates/${encodeURIComponent(whose.planId)}` : "/rebates";
  const fields = { form, set, problem };
  const count = problemsOf(form).size;
  return (
    <form ref={host} className="promo-editor" noValidate onSubmit={submit}>
      <div className="promo-form">
        <Panel title={t("promo.basics")}>
          <Basics {...fields} fixedId={whose.planId !== ""} />
        </Panel>
        <Panel title={t("rebate.tiers")}>
          <div className="form-fields">
            <Counting {...fields} />
            <TierFields {...fields} />
          </div>
        </Panel>
        <Panel title={t("scope.title")}>
          <ScopeFields {...fields} at="terms.scope" />
        </Panel>
        <Panel title={t("audience.title")}>
          <AudienceFields {...fields} at="terms.audience" />
        </Panel>
      </div>
      <Panel className="promo-preview" title={t("rebate.terms")}>
        <RebateTermsView terms={termsOf(form)} />
        {rest !== undefined && <Failure error={rest} />}
        {tried && count > 0 && <p className="field-error">{t("rebate.problems", { n: count })}</p>}
        <div className="row-actions">
          <Button type="primary" htmlType="submit" loading={command.busy}>
            {t("rebate.save")}
          </Button>
          <Button onClick={() => void navigate(back)}>{t("promo.back")}</Button>
        </div>
        <p className="soft field-hint">{t("rebate.save.hint")}</p>
      </Panel>
    </form>
  );
}

function Basics({ form, set, problem, fixedId }: FieldsProps & { fixedId: boolean }) {
  const { t } = useI18n();
  const cycle = (next: RebateForm["cycle"]) => set({ cycle: next, from: form.from && firstDay(form.from, next) });
  return (
    <div className="form-fields">
      <Field label={t("rebate.name")} problem={problem("terms.name")}>
        <Input name="rebate-name" maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <Field label={t("rebate.id")} problem={problem("plan_id")} hint={t("rebate.id.hint")}>
        <Input
          name="rebate-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          disabled={fixedId}
          value={form.id}
          onChange={(event) => set({ id: event.target.value.trim().toLowerCase() })}
        />
      </Field>
      <Field label={t("rebate.cycle")} problem={problem("terms.cycle")}>
        <Select
          aria-label={t("rebate.cycle")}
          disabled={fixedId}
          value={form.cycle}
          options={CYCLES.map(([value, key]) => ({ value, label: t(key) }))}
          onChange={cycle}
        />
      </Field>
      <div className="tier-fields">
        <DayField
          label={t("rebate.from")}
          value={form.from}
          problem={problem("terms.from")}
          hint={t("rebate.from.bad")}
          onChange={(from) => set({ from })}
        />
        <DayField
          label={t("rebate.until")}
          value={form.until}
          problem={problem("terms.until")}
          hint={t("rebate.until.hint")}
          onChange={(until) => set({ until })}
        />
      </div>
    </div>
  );
}

/** What is measured, and how steps count. */
function Counting({ form, set }: FieldsProps) {
  const { t } = useI18n();
  const hint = LADDERS.find(([value]) => value === form.ladder)?.[1];
  return (
    <div className="tier-fields">
      <Field label={t("rebate.basis")}>
        <Select
          aria-label={t("rebate.basis")}
          value={form.basis}
          options={BASES.map(([value, key]) => ({ value, label: t(key) }))}
          onChange={(basis) => set({ basis })}
        />
      </Field>
      <Field
        label={t("rebate.ladder")}
        {...(hint && { hint: t(hint === "rebate.ladder.whole" ? "rebate.ladder.whole.hint" : "rebate.ladder.bracket.hint") })}
      >
        <Select
          aria-label={t("rebate.ladder")}
          value={form.ladder}
          options={LADDERS.map(([value, key]) => ({ value, label: t(key) }))}
          onChange={(ladder) => set({ ladder })}
        />
      </Field>
    </div>
  );
}

/** What is wrong with which field: what the form finds once it was to be saved, and what the server did. */
function useProblems(form: RebateForm, tried: boolean, error: unknown): { problem: ProblemOf; rest: unknown } {
  const { locale, t } = useI18n();
  const own = tried ? problemsOf(form) : undefined;
  const told = error === undefined ? undefined : problemOf(error, locale, t);
  const fields = told?.reason === "ALREADY_DRAFTED" ? [{ field: "plan_id", description: told.what }] : (told?.fields ?? []);
  const problem = (field: string) => {
    const words = own?.get(field);
    return words ? t(words) : (fields.find((one) => one.field === field)?.description ?? "");
  };
  return { problem, rest: told?.reason === "ALREADY_DRAFTED" ? undefined : error };
}

function useSave(form: RebateForm, whose: Props["whose"]) {
  const { t } = useI18n();
  const rebating = useClient(RebateService);
  const { message } = App.useApp();
  const navigate = useNavigate();
  const command = useCommand((position) => {
    void message.success(t("rebate.saved"));
    void navigate(`/rebates/${encodeURIComponent(form.id)}`, { state: { position: position.toString() }, replace: true });
  });
  const send = (requestId: string) => {
    const request = { requestId, planId: form.id, terms: termsOf(form) };
    if (whose.planId === "") return rebating.draftRebatePlan(request);
    return rebating.reviseRebatePlan({ ...request, expectedVersion: whose.version });
  };
  return { command, save: () => void command.run(form, send) };
}
