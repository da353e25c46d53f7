import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { StatementQueryService } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useTick } from "../live/live";
import { STATEMENTS } from "./words";

/** One statement, asked for again when something was done about it. */
export function useStatement(id: string) {
  const statements = useClient(StatementQueryService);
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const query = useQuery(`statement/${id}`, (signal) => statements.getStatement({ statementId: id, minPosition: seen }, { signal }), {
    tick: `${useTick(STATEMENTS)}/${seen}`,
  });
  return { query, setSeen };
}
