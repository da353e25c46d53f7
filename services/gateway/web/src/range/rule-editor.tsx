import { App, Button } from "antd";
import { useRef, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { AudienceFields } from "../audience/audience-fields";
import { AUDIENCE_FIELDS, SCOPE_FIELDS, type ProblemOf } from "../audience/form";
import { ScopeFields } from "../audience/scope-fields";
import { AssortmentService } from "../gen/qudao/order/v1/assortment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { showFirstProblem } from "../ui/first-problem";
import { Panel } from "../ui/page";
import { EffectChoice } from "./effect-choice";
import { RuleBasics } from "./rule-basics";
import { ruleProblems, ruleTerms, type RuleForm } from "./rule-form";
import { RuleView } from "./rule-view";

/** Where fields stand, as opposed to the preview. */
const FIELDS = ".promo-form";

/** What stands beside a field; the rest is told below the preview. */
const SHOWN = [
  "rule_id",
  ...["name", "effect", "from", "until"].map((field) => `terms.${field}`),
  ...AUDIENCE_FIELDS.map((field) => `terms.audience.${field}`),
  ...SCOPE_FIELDS.map((field) => `terms.scope.${field}`),
];

interface Props {
  start: RuleForm;
  /** The rule is there already. */
  fixedId: boolean;
}

/** Writes a rule down, or anew; it counts as soon as it is saved. */
export function RuleEditor({ start, fixedId }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  // What is read again in between must not touch what is being written.
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<RuleForm>) => setForm((before) => ({ ...before, ...change }));
  const { command, save } = useSave(form);
  const told = useFieldProblems(command.error);
  const own = ruleProblems(form);
  const problem: ProblemOf = (field) => {
    const words = tried ? own.get(field) : undefined;
    return words ? t(words) : told(field);
  };
  const host = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (own.size === 0) void save().then(() => showFirstProblem(host.current, FIELDS));
    else showFirstProblem(host.current, FIELDS);
  };
  return (
    <form ref={host} className="promo-editor" noValidate onSubmit={submit}>
      <div className="promo-form">
        <Panel title={t("range.effect")}>
          <EffectChoice form={form} set={set} problem={problem} />
        </Panel>
        <Panel title={t("promo.basics")}>
          <RuleBasics form={form} set={set} problem={problem} fixedId={fixedId} />
        </Panel>
        <Panel title={t("audience.title")}>
          <AudienceFields form={form} set={set} problem={problem} at="terms.audience" />
        </Panel>
        <Panel title={t("scope.title")}>
          <ScopeFields form={form} set={set} problem={problem} at="terms.scope" />
        </Panel>
      </div>
      <Panel className="promo-preview" title={t("promo.preview")}>
        <RuleView terms={ruleTerms(form)} />
        <RestOfFailure error={command.error} fields={SHOWN} />
        {tried && own.size > 0 && <p className="field-error">{t("promo.problems", { n: own.size })}</p>}
        <div className="row-actions">
          <Button type="primary" htmlType="submit" loading={command.busy}>
            {t("range.save")}
          </Button>
          <Button onClick={() => void navigate("/range")}>{t("promo.back")}</Button>
        </div>
        <p className="soft field-hint">{t("range.save.hint")}</p>
      </Panel>
    </form>
  );
}

function useSave(form: RuleForm) {
  const { t } = useI18n();
  const assortment = useClient(AssortmentService);
  const { message } = App.useApp();
  const navigate = useNavigate();
  const command = useCommand((position) => {
    void message.success(t("range.saved"));
    void navigate("/range", { state: { position: position.toString() } });
  });
  const send = (requestId: string) => assortment.setAssortmentRule({ requestId, ruleId: form.id, terms: ruleTerms(form) });
  return { command, save: () => command.run(form, send) };
}
