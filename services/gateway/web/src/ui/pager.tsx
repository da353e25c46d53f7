import { Button } from "antd";
import { useLocation, useNavigate } from "react-router";
import type { PageInfo } from "../gen/qudao/common/v1/page_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "./format";

export const PAGE_SIZE = 50;

/** Pages are known only by the token that leads to them; the history entry keeps the way back. */
export function Pager({ page, rows }: { page: PageInfo | undefined; rows: number }) {
  const { t } = useI18n();
  const format = useFormat();
  const navigate = useNavigate();
  const location = useLocation();
  const params = new URLSearchParams(location.search);
  const number = Math.max(1, Number(params.get("page") ?? "1") || 1);
  const state = location.state as { tokens?: string[] } | null;
  const tokens = state?.tokens ?? [];
  const total = Number(page?.total ?? 0n);
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
        {t("page.shown", {
          first: format.count(first),
          last: format.count(first === 0 ? 0 : first + rows - 1),
          n: format.count(total),
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
