import { create } from "@bufbuild/protobuf";
import { Button, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { Chips, chosenIn } from "../funds/chips";
import { useToldCommand } from "../funds/use-told-command";
import { namesOf } from "../funds/words";
import { ReceiptSchema } from "../gen/qudao/common/v1/receipt_pb";
import { PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { ProviderBillService } from "../gen/qudao/order/v1/provider_bill_service_pb";
import { ReconciliationQueryService, type ListedDifference } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { ProviderService } from "../gen/qudao/payment/v1/provider_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { PROVIDERS } from "../payments/words";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { DayField } from "../ui/day-field";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { ReasonField } from "../ui/reason-field";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { useToday } from "../ui/use-today";
import { BillTable, DifferenceTable } from "./bill-tables";
import { DIFFERENCES, RECONCILIATION } from "./words";

const NAMES = namesOf(DIFFERENCES);

/** What differs in bills, and the bills themselves. */
export function Bills() {
  const { t } = useI18n();
  const may = useMay();
  const lists = useClient(ReconciliationQueryService);
  const [seen, setSeen] = useState(0n);
  const [comparing, setComparing] = useState(false);
  const tick = `${useTick(RECONCILIATION)}/${seen}`;
  const bills = useQuery("provider-bills", (signal) => lists.listProviderBills({ page: { size: 31 }, minPosition: seen }, { signal }), { tick, keep: true });
  const compare = may(ProviderService.method.compareBill) && <Button onClick={() => setComparing(true)}>{t("recon.compare")}</Button>;
  const done = (position: bigint) => {
    setComparing(false);
    if (position > 0n) setSeen(position);
  };
  return (
    <>
      <Differences tick={tick} seen={seen} open={bills.data?.openDifferences ?? 0n} onDone={setSeen} />
      <Panel className="panel-flush" title={t("recon.bills.days")} extra={compare}>
        <QueryView query={bills} isEmpty={(data) => data.bills.length === 0} empty={<Empty title={t("recon.bills.none")} todo={t("recon.bills.none.todo")} />}>
          {(data) => (
            <>
              <BillTable bills={data.bills} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={RECONCILIATION} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {comparing && <CompareDialog onClose={() => setComparing(false)} onDone={done} />}
    </>
  );
}

interface DifferencesProps {
  tick: string;
  seen: bigint;
  /** How many somebody still has to look at. */
  open: bigint;
  onDone: (position: bigint) => void;
}

function Differences({ tick, seen, open, onDone }: DifferencesProps) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay()(ProviderBillService.method.resolveBillDifference);
  const lists = useClient(ReconciliationQueryService);
  const [params] = useUrlParams();
  const [resolving, setResolving] = useState<ListedDifference>();
  const status = chosenIn(params, "status", NAMES);
  const query = useQuery(
    `bill-differences?${params}`,
    (signal) =>
      lists.listBillDifferences(
        { page: { size: PAGE_SIZE, token: params.get("token") ?? "" }, statuses: status ? [DIFFERENCES[status]] : [], minPosition: seen },
        { signal },
      ),
    { tick, keep: true },
  );
  const button = (one: ListedDifference) =>
    one.status === DIFFERENCES.open && (
      <Button size="small" onClick={() => setResolving(one)}>
        {t("recon.resolve")}
      </Button>
    );
  const done = (position: bigint) => {
    setResolving(undefined);
    onDone(position);
  };
  return (
    <>
      <div className="filters">
        <Chips label={t("order.status")} param="status" names={NAMES} textOf={(name) => `recon.difference.${name}`} />
        {open > 0n && <span className="tag tag-difference-open">{t("recon.open.n", { n: format.count(Number(open)) })}</span>}
      </div>
      <Panel className="panel-flush" title={t("recon.differences")}>
        <QueryView
          query={query}
          isEmpty={(data) => data.differences.length === 0}
          empty={<Empty title={t("recon.differences.none")} todo={t("recon.differences.none.todo")} />}
        >
          {(data) => (
            <>
              <DifferenceTable differences={data.differences} actions={may && data.differences.some((one) => one.status === DIFFERENCES.open) ? button : undefined} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={RECONCILIATION} />
                <Pager page={data.page} rows={data.differences.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {resolving && <ResolveDialog difference={resolving} onClose={() => setResolving(undefined)} onDone={done} onStale={query.refetch} />}
    </>
  );
}

/** Any day, or one again; the day before is compared each morning. */
function CompareDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const providers = useClient(ProviderService);
  const today = useToday();
  const [provider, setProvider] = useState<PaymentProvider>(PaymentProvider.WECHAT_PAY);
  const [day, setDay] = useState(today);
  const command = useToldCommand("recon.compare.done", onDone);
  const send = async () => {
    const { position } = await providers.compareBill({ provider, day });
    return { receipt: create(ReceiptSchema, { position: position ?? 0n }) };
  };
  return (
    <AskFirst title={t("recon.compare")} okText={t("recon.compare.ok")} state={command} onClose={onClose} onOk={() => void command.run([provider, day, Date.now()], send)}>
      <p>{t("recon.compare.note")}</p>
      <Field label={t("online.provider")} problem="">
        <Select
          className="wide"
          aria-label={t("online.provider")}
          value={provider}
          options={namesOf(PROVIDERS).map((name) => ({ value: PROVIDERS[name] as PaymentProvider, label: t(`online.provider.${name}`) }))}
          onChange={setProvider}
        />
      </Field>
      <DayField label={t("recon.day")} last={today} problem="" value={day} onChange={setDay} />
    </AskFirst>
  );
}

interface ResolveProps {
  difference: ListedDifference;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

function ResolveDialog({ difference: { billId, difference }, onClose, onDone, onStale }: ResolveProps) {
  const { t } = useI18n();
  const bills = useClient(ProviderBillService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("recon.resolve.done", onDone, onStale);
  const text = reason.trim();
  const differenceId = difference?.differenceId ?? "";
  const send = (requestId: string) => bills.resolveBillDifference({ requestId, billId, differenceId, reason: text });
  return (
    <AskFirst
      title={t("recon.resolve.title", { id: difference?.payment ?? "" })}
      okText={t("recon.resolve")}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([billId, differenceId, text], send)}
    >
      <p>{t("recon.resolve.note")}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
