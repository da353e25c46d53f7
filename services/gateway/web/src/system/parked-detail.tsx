import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useRef, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OperationsService, type GetParkedFactResponse, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";
import { JsonText } from "../history/json-text";
import { useI18n } from "../i18n/i18n";
import { eventName } from "../i18n/names";
import { useOperator } from "../session/operator";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { Empty, QueryView } from "../ui/states";
import { behindFact, factOf, keyOf } from "./facts";
import { ModelName } from "./names";
import { ParkedActions } from "./parked-actions";
import { StateOf } from "./parked-list";
import type { Retry } from "./use-retry";

interface Props {
  /** Its key, from the URL. */
  fact: string;
  all: ParkedFact[];
  onClose: () => void;
  retry: Retry;
  onDone: (fact: ParkedFact, words: string) => void;
}

/** One parked fact beside the list: the event as recorded, and what waits for it. */
export function ParkedDetail({ fact: key, all, onClose, retry, onDone }: Props) {
  const { t } = useI18n();
  const operations = useClient(OperationsService);
  const { headers } = useOperator();
  const wanted = factOf(key);
  const listed = all.find((fact) => keyOf(fact) === key);
  const query = useQuery(
    `parked/${key}`,
    (signal) => operations.getParkedFact(wanted ?? {}, { headers, signal }),
    { tick: listed ? `${listed.state}/${listed.tries}` : "", enabled: listed !== undefined },
  );
  const phone = usePhone();
  const section = useRef<HTMLElement>(null);
  // On a phone it takes the place of the list, whose end may be what is on the screen.
  useEffect(() => {
    section.current?.scrollIntoView({ block: phone ? "start" : "nearest" });
  }, [phone]);
  const gone = <Empty title={t("parked.unknown")} action={<Button onClick={onClose}>{t("parked.back")}</Button>} />;
  return (
    <section ref={section} className="detail" aria-label={t("parked.event")}>
      {listed === undefined ? (
        gone
      ) : (
        <QueryView query={query} isEmpty={(data) => data.fact === undefined} empty={gone}>
          {(data) => (
            <>
              <Head fact={data.fact ?? listed} onClose={onClose} />
              <ParkedActions fact={data.fact ?? listed} waiting={behindFact(all, listed).length} retry={retry} onDone={onDone} />
              <About answer={data} fact={data.fact ?? listed} />
              <Behind facts={behindFact(all, listed)} />
              <JsonText label={t("history.raw")} json={data.payloadJson}>
                <strong>{t("history.raw")}</strong>
              </JsonText>
            </>
          )}
        </QueryView>
      )}
    </section>
  );
}

function Head({ fact, onClose }: { fact: ParkedFact; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const [type = "", version = ""] = fact.eventType.split(" ");
  return (
    <header className="card-line">
      <h3>
        {eventName(type, t)} <span className="soft">{version} · #{format.count(fact.position)}</span>
      </h3>
      <Button type="text" icon={<CloseOutlined />} aria-label={t("parked.back")} onClick={onClose} />
    </header>
  );
}

function About({ answer, fact }: { answer: GetParkedFactResponse; fact: ParkedFact }) {
  const { t } = useI18n();
  const format = useFormat();
  const facts: [string, ReactNode][] = [
    [t("system.projection"), <ModelName key="model" name={fact.projection} />],
    [t("parked.state"), <StateOf key="state" fact={fact} />],
    [t("parked.tenant"), fact.tenantId],
    [t("parked.object"), <span key="object" className="mono">{fact.object}</span>],
    [t("parked.recorded"), format.time(answer.recordedAt, true)],
    [t("parked.since"), format.time(fact.since, true)],
    [t("parked.tries"), format.count(fact.tries)],
  ];
  return (
    <>
      <p className="note">
        <span className="soft">{t("parked.reason")}: </span>
        {fact.reason || "–"}
      </p>
      <FactList facts={facts} />
    </>
  );
}

const SHOWN = 20;

function Behind({ facts }: { facts: ParkedFact[] }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div>
      <h3>{t("parked.behind", { n: format.count(facts.length) })}</h3>
      {facts.length === 0 && <p className="soft">{t("parked.behind.none")}</p>}
      <ul className="waiting">
        {facts.slice(0, SHOWN).map((fact) => (
          <li key={keyOf(fact)}>
            <span className="mono">#{format.count(fact.position)}</span> {eventName(fact.eventType.split(" ")[0] ?? "", t)}
          </li>
        ))}
        {facts.length > SHOWN && <li className="soft">…</li>}
      </ul>
    </div>
  );
}
