import type { ReactNode } from "react";
import { Link } from "react-router";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useSurface } from "../shell/surface";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { ACCOUNTS, kindKey, nameOf, signed } from "./words";

interface Props {
  entries: FundsEntry[];
  /** Whose page this is. */
  dealerId: string;
  /** Buttons of an entry. */
  actions?: (entry: FundsEntry) => ReactNode;
}

/** Each change with what it did and what was there after it. */
export function EntryTable({ entries, dealerId, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <DataTable
      label={t("funds.tab.entries")}
      rows={entries}
      rowKey={(entry) => entry.position.toString()}
      {...(actions && { actions })}
      columns={[
        { key: "time", title: t("funds.entry.time"), cell: (entry) => format.time(entry.occurredAt) },
        { key: "account", title: t("funds.account"), cell: (entry) => <Account entry={entry} /> },
        { key: "kind", title: t("funds.entry.kind"), cell: (entry) => t(kindKey(entry.kind, entry.account)) },
        { key: "change", title: t("funds.entry.change"), number: true, cell: (entry) => <Change entry={entry} /> },
        { key: "held", title: t("funds.entry.held"), number: true, cell: (entry) => <HeldChange entry={entry} /> },
        { key: "balance", title: t("funds.entry.balance"), number: true, cell: (entry) => <Balance entry={entry} /> },
        { key: "source", title: t("funds.entry.source"), cell: (entry) => <Source entry={entry} dealerId={dealerId} /> },
      ]}
      card={(entry) => (
        <>
          <span className="card-line">
            <strong>{t(kindKey(entry.kind, entry.account))}</strong>
            <strong className="num">{entry.heldChangeMinor !== 0n && entry.changeMinor === 0n ? <HeldChange entry={entry} /> : <Change entry={entry} />}</strong>
          </span>
          <span className="card-line soft">
            <span>
              <Account entry={entry} /> · {format.time(entry.occurredAt)}
            </span>
            {entry.balanceMinor !== undefined && (
              <span>
                {t("funds.entry.balance")} <Balance entry={entry} />
              </span>
            )}
          </span>
          <span className="soft">
            <Source entry={entry} dealerId={dealerId} />
          </span>
        </>
      )}
    />
  );
}

interface CellProps {
  entry: FundsEntry;
}

function Account({ entry }: CellProps) {
  const { t } = useI18n();
  const name = nameOf(ACCOUNTS, entry.account);
  return <>{name ? t(`funds.account.${name}`) : "–"}</>;
}

/** What is there more or less by it; of a limit, what it is about. */
function Change({ entry: { changeMinor, limitMinor, currencyCode } }: CellProps) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint) => format.money(minor, currencyCode);
  if (limitMinor !== undefined) return <>{t("funds.entry.limit", { money: money(limitMinor) })}</>;
  return changeMinor === 0n ? <span className="soft">–</span> : <>{signed(changeMinor, money)}</>;
}

function HeldChange({ entry: { heldChangeMinor, currencyCode } }: CellProps) {
  const format = useFormat();
  if (heldChangeMinor === 0n) return <span className="soft">–</span>;
  return <>{signed(heldChangeMinor, (minor) => format.money(minor, currencyCode))}</>;
}

/** Nothing of what moves nothing. */
function Balance({ entry: { balanceMinor, heldMinor = 0n, currencyCode } }: CellProps) {
  const { t } = useI18n();
  const format = useFormat();
  if (balanceMinor === undefined) return <span className="soft">–</span>;
  return (
    <>
      {format.money(balanceMinor, currencyCode)}
      {heldMinor > 0n && <span className="soft credit-note">{t("funds.entry.kept", { money: format.money(heldMinor, currencyCode) })}</span>}
    </>
  );
}

/** The order or the remittance behind it, and why. */
function Source({ entry, dealerId }: { entry: FundsEntry; dealerId: string }) {
  const { t } = useI18n();
  const surface = useSurface();
  const { orderId, remittanceId, ofDealerId, ofDealerName, reason } = entry;
  return (
    <span className="two-lines narrow">
      {orderId && (
        <Link className="mono" to={`${surface.orders}/${encodeURIComponent(orderId)}`}>
          {orderId}
        </Link>
      )}
      {remittanceId &&
        (surface.funds ? (
          <Link className="mono" to={`${surface.funds}/${encodeURIComponent(dealerId)}?tab=remittances&q=${encodeURIComponent(remittanceId)}`}>
            {remittanceId}
          </Link>
        ) : (
          <span className="mono">{remittanceId}</span>
        ))}
      {ofDealerId && ofDealerId !== dealerId && <span className="soft">{t("funds.entry.of", { name: ofDealerName })}</span>}
      {reason && <span className="soft">{reason}</span>}
    </span>
  );
}
