import { useState } from "react";
import { useParams } from "react-router";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { StatementActions } from "../statements/statement-actions";
import { StatementFacts } from "../statements/statement-facts";
import { StatementLines } from "../statements/statement-lines";
import { StatementStory } from "../statements/statement-story";
import { useStatement } from "../statements/use-statements";
import { STATEMENTS } from "../statements/words";
import "../statements/statements.css";
import { FreshnessMark } from "../ui/freshness";
import { Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";

/** A statement, as the dealer agrees to it or disputes it on the phone. */
export default function MyStatementPage() {
  const { id = "" } = useParams();
  return <MyStatement key={id} id={id} />;
}

function MyStatement({ id }: { id: string }) {
  const { t } = useI18n();
  const { query, setSeen } = useStatement(id);
  const [marked, setMarked] = useState<ReadonlyMap<bigint, FundsEntry>>(new Map());
  const done = (position: bigint) => {
    setMarked(new Map());
    setSeen(position);
  };
  return (
    <MallPage title={t("stm.of", { id })} back={`${MALL_PATH}/statements`} className="my-order">
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {({ statement, freshness }) =>
          statement && (
            <>
              <section className="mall-card">
                <StatementFacts statement={statement} />
              </section>
              <StatementLines statement={statement} marked={marked} onMark={setMarked} />
              <StatementStory statement={statement} />
              <FreshnessMark freshness={freshness} projection={STATEMENTS} />
              <div className="mall-bar order-bar">
                <StatementActions statement={statement} marked={marked} onDone={done} onStale={query.refetch} />
              </div>
            </>
          )
        }
      </QueryView>
    </MallPage>
  );
}
