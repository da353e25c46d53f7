import { App, Button } from "antd";
import { useEffect, useRef, useState, type FormEvent, type RefObject } from "react";
import { useNavigate } from "react-router";
import { reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { AudienceFields } from "../audience/audience-fields";
import { ScopeFields } from "../audience/scope-fields";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { showFirstProblem } from "../ui/first-problem";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { BasicFields } from "./basic-fields";
import { problemsOf } from "./check";
import { termsOf, type PromotionForm } from "./form";
import { GroupFields, QuotaFields } from "./group-fields";
import { keepForm, keptForm, sameForm, type Whose } from "./kept";
import { KindChoice } from "./kind-choice";
import { OfferFields, type FieldsProps } from "./offer-fields";
import { TermsView } from "./terms-view";
import { useProblems } from "./use-problems";
import { hasScope } from "./words";

/** Where fields stand, as opposed to the preview. */
const FIELDS = ".promo-form";

interface Props {
  /** The form as it was read, or as a new one begins. */
  start: PromotionForm;
  whose: Whose;
}

/** Writes a promotion down, or a draft anew. */
export function Editor({ start, whose }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  // What is read again in between must not touch what is being written.
  const [base] = useState(start);
  const [form, setForm] = useState(() => ({ ...base, ...keptForm(whose) }));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<PromotionForm>) => setForm((before) => ({ ...before, ...change }));
  const touched = !sameForm(form, base);
  useEffect(() => keepForm(whose, touched ? form : undefined), [form]);
  const { command, save } = useSave(form, whose);
  const { problem, rest } = useProblems(form, tried, command.error);
  const host = useRef<HTMLFormElement>(null);
  useFirstProblem(host, tried, command.error);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problemsOf(form).size === 0) save();
    else showFirstProblem(host.current, FIELDS);
  };
  const giveUp = () => {
    keepForm(whose, undefined);
    void navigate(whose.promotionId ? `/promotions/${encodeURIComponent(whose.promotionId)}` : "/promotions");
  };
  const stale = reasonOf(command.error) === "STALE_VERSION";
  return (
    <form ref={host} className="promo-editor" noValidate onSubmit={submit}>
      <Fields form={form} set={set} problem={problem} onKind={setForm} fixedId={whose.promotionId !== ""} />
      <Panel className="promo-preview" title={t("promo.preview")}>
        <TermsView terms={termsOf(form)} unfinished={isUnfinished(form)} />
        {rest !== undefined && <Failure error={rest} {...(stale && { todo: t("promo.stale.todo") })} />}
        {tried && problemsOf(form).size > 0 && <p className="field-error">{t("promo.problems", { n: problemsOf(form).size })}</p>}
        <div className="row-actions">
          <Button type="primary" htmlType="submit" loading={command.busy}>
            {t("promo.save")}
          </Button>
          <Button onClick={giveUp}>{t(touched ? "promo.giveUp" : "promo.back")}</Button>
        </div>
        <p className="soft field-hint">{t("promo.save.hint")}</p>
      </Panel>
    </form>
  );
}

interface AllProps extends FieldsProps {
  onKind: (form: PromotionForm) => void;
  fixedId: boolean;
}

/** All that can be filled in, as far as the kind needs it. */
function Fields({ onKind, fixedId, ...fields }: AllProps) {
  const { t } = useI18n();
  const { form } = fields;
  return (
    <div className="promo-form">
      <Panel title={t("promo.kind")}>
        <KindChoice form={form} onChange={onKind} />
      </Panel>
      <Panel title={t("promo.basics")}>
        <BasicFields {...fields} fixedId={fixedId} />
      </Panel>
      <Panel title={t("promo.offer")}>
        <OfferFields {...fields} />
      </Panel>
      {hasScope(termsOf(form)) && (
        <Panel title={t("scope.title")}>
          <ScopeFields {...fields} at="terms.scope" />
        </Panel>
      )}
      <Panel title={t("audience.title")}>
        <AudienceFields {...fields} at="terms.audience" />
      </Panel>
      <Panel title={t("promo.group")}>
        <GroupFields {...fields} />
      </Panel>
      <Panel title={t("promo.quota")}>
        <QuotaFields {...fields} />
      </Panel>
    </div>
  );
}

function isUnfinished(form: PromotionForm): boolean {
  return [...problemsOf(form).keys()].some((field) => /^terms\.(tiers|parts)/.test(field));
}

function useSave(form: PromotionForm, whose: Whose) {
  const { t } = useI18n();
  const promoting = useClient(PromotionService);
  const { message } = App.useApp();
  const navigate = useNavigate();
  const command = useCommand((position) => {
    keepForm(whose, undefined);
    void message.success(t("promo.saved"));
    void navigate(`/promotions/${encodeURIComponent(form.id)}`, { state: { position: position.toString() }, replace: true });
  });
  const send = (requestId: string) => {
    const request = { requestId, promotionId: form.id, terms: termsOf(form) };
    if (whose.promotionId === "") return promoting.draftPromotion(request);
    return promoting.revisePromotion({ ...request, expectedVersion: whose.version });
  };
  return { command, save: () => void command.run(form, send) };
}

function useFirstProblem(host: RefObject<HTMLFormElement | null>, tried: boolean, error: unknown) {
  useEffect(() => {
    if (tried && error !== undefined) showFirstProblem(host.current, FIELDS);
  }, [error]);
}
