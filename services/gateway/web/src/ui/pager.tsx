import { Button } from "antd";
import { useLocation, useNavigate } from "react-router";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "./format";
import { PAGE_SIZE } from "./page-size";

export { PAGE_SIZE };

interface PageEnd {
  /** Token of the next page; empty on the last one. */
  nextToken: string;
  /** Of all pages together; nobody counts the events of a search. */
  total?: bigint;
}

/** Pages are known only by the token that leads to them; the history entry keeps the way back. */
export function Pager({ page, rows }: { page: PageEnd | undefined; rows: number }) {
  const { t } = useI18n();
  const format = useFormat();
  const navigate = useNavigate();
  const location = useLocation();
  const params = new URLSearchParams(location.search);
  const number = Math.max(1, Number(params.get("page") ?? "1") || 1);
  const state = location.state as { tokens?: string[] } | null;
  const tokens = state?.tokens ?? [];
  const first = rows === 0 ? 0 : (number - 1) * PAGE_SIZE + 1;

  const go = (nextNumber: number, token: string, way: string[]) => {
    const next = new URLSearchParams(params);
    next.delete("page");
    next.delete("token");
    if (token) {
      next.set("page", String(nextNumber));
      next.set("token", token);
    }
    void navigate({ search: next.toString() }, { state: { tokens: way } });
    document.getElementById("content")?.scrollTo({ top: 0 });
  };
  const back = () => {
    // A link from outside brings no way back but the start.
    if (tokens.length < number - 1) return go(1, "", []);
    go(number - 1, tokens.at(-2) ?? "", tokens.slice(0, -1));
  };
  const nextToken = page?.nextToken ?? "";
  return (
    <div className="pager">
      <span className="soft">
        {t(page?.total === undefined ? "page.range" : "page.shown", {
          first: format.count(first),
          last: format.count(first === 0 ? 0 : first + rows - 1),
          n: format.count(page?.total ?? 0n),
        })}
      </span>
      {(number > 1 || nextToken) && (
        <>
          <Button disabled={number === 1} onClick={back}>
            {t("page.previous")}
          </Button>
          <Button disabled={!nextToken} onClick={() => go(number + 1, nextToken, [...tokens, nextToken])}>
            {t("page.next")}
          </Button>
        </>
      )}
    </div>
  );
}
