import { createClient, type Client } from "@connectrpc/connect";
import { useMemo, useState } from "react";
import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import { StatementQueryService } from "../gen/qudao/order/v1/statement_query_service_pb";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useTick } from "../live/live";
import { STATEMENTS } from "./words";

export interface StatementClients {
  statements: Client<typeof StatementQueryService>;
  stating: Client<typeof StatementService>;
}

export function useStatementClients(): StatementClients {
  const { transport } = useClients();
  return useMemo(
    () => ({ statements: createClient(StatementQueryService, transport), stating: createClient(StatementService, transport) }),
    [transport],
  );
}

/** One statement, asked for again when something was done about it. */
export function useStatement(id: string) {
  const { statements } = useStatementClients();
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const query = useQuery(`statement/${id}`, (signal) => statements.getStatement({ statementId: id, minPosition: seen }, { signal }), {
    tick: `${useTick(STATEMENTS)}/${seen}`,
  });
  return { query, setSeen };
}
