import { Checkbox, Modal, Progress } from "antd";
import { useRef, useState } from "react";
import { useClient } from "../api/clients";
import { problemOf } from "../api/errors";
import { useQuery } from "../api/use-query";
import { ACCOUNTS, nameOf } from "../funds/words";
import { StatementQueryService, type AccountToState } from "../gen/qudao/order/v1/statement_query_service_pb";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { everyRow } from "../tables/every-row";
import { DayField } from "../ui/day-field";
import { Loading, QueryView } from "../ui/states";
import { useToday } from "../ui/use-today";
import { lastMonthEnd } from "./rules";

interface Failed {
  account: AccountToState;
  why: string;
}

interface Run {
  done: number;
  total: number;
  failed: Failed[];
  over: boolean;
}

/** Makes a statement of every account that has moved, one after the other; it can be stopped, and goes on where it was. */
export default function MakeAllDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const today = useToday();
  const [until, setUntil] = useState(() => lastMonthEnd(today));
  const [sends, setSends] = useState(false);
  const { run, start, stop } = useMakeAll(until, sends, onDone);
  const statements = useClient(StatementQueryService);
  const query = useQuery(
    `accounts-to-state/${until}`,
    (signal) => everyRow((page, now) => statements.listAccountsToState({ page, untilDate: until }, { signal: now }), (part) => part.accounts, { signal }),
    { enabled: until !== "" },
  );
  const accounts = query.data?.rows ?? [];
  const busy = run !== undefined && !run.over;
  const close = () => {
    stop();
    onClose();
  };
  return (
    <Modal
      open
      className="form-dialog"
      width={520}
      title={t("stm.all")}
      okText={t("stm.all")}
      okButtonProps={{ disabled: accounts.length === 0 || run !== undefined || query.loading }}
      cancelText={t("action.close")}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => void start(accounts)}
    >
      <p className="soft">{t("stm.all.note")}</p>
      {run === undefined ? (
        <>
          <DayField label={t("stm.until")} value={until} last={today} onChange={setUntil} />
          <Checkbox className="statement-sends" checked={sends} onChange={(event) => setSends(event.target.checked)}>
            {t("stm.all.send")}
          </Checkbox>
          {until !== "" && (
            <QueryView query={query} skeleton={<Loading rows={1} />}>
              {({ rows }) => <p data-to-state={rows.length}>{rows.length === 0 ? t("stm.all.none") : t("stm.all.count", { n: rows.length })}</p>}
            </QueryView>
          )}
        </>
      ) : (
        <Came run={run} />
      )}
    </Modal>
  );
}

function Came({ run: { done, total, failed, over } }: { run: Run }) {
  const { t } = useI18n();
  const account = (one: AccountToState) => {
    const name = nameOf(ACCOUNTS, one.account);
    return `${one.dealerName} · ${name ? t(`funds.account.${name}`) : ""} · ${one.currencyCode}`;
  };
  return (
    <div role="status">
      <Progress percent={Math.round((100 * done) / Math.max(1, total))} {...(failed.length > 0 && { status: "exception" as const })} />
      <p>{over ? t("stm.all.done", { n: done - failed.length }) : t("stm.all.progress", { n: done, total })}</p>
      {failed.length > 0 && (
        <>
          <p className="statement-late">{t("stm.all.failed", { n: failed.length })}</p>
          <ul className="statement-failed">
            {failed.map(({ account: one, why }) => (
              <li key={`${one.dealerId}/${one.account}/${one.currencyCode}`}>
                {account(one)}: {why}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function useMakeAll(until: string, sends: boolean, onDone: (position: bigint) => void) {
  const { t, locale } = useI18n();
  const stating = useClient(StatementService);
  const [run, setRun] = useState<Run>();
  const stopped = useRef(false);
  const one = async ({ dealerId, account, currencyCode }: AccountToState): Promise<bigint> => {
    const requestId = crypto.randomUUID();
    const { receipt } = await stating.makeStatement({ requestId, dealerId, account, currencyCode, untilDate: until });
    if (!sends || !receipt) return receipt?.position ?? 0n;
    const sent = await stating.sendStatement({ requestId: crypto.randomUUID(), statementId: receipt.objectId });
    return sent.receipt?.position ?? receipt.position;
  };
  const start = async (accounts: AccountToState[]) => {
    const failed: Failed[] = [];
    let position = 0n;
    let done = 0;
    stopped.current = false;
    for (const account of accounts) {
      if (stopped.current) break;
      setRun({ done, total: accounts.length, failed: [...failed], over: false });
      try {
        position = await one(account);
      } catch (error) {
        failed.push({ account, why: problemOf(error, locale, t).what });
      }
      done += 1;
    }
    setRun({ done, total: accounts.length, failed, over: true });
    onDone(position);
  };
  return { run, start, stop: () => (stopped.current = true) };
}
