import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { problemOf } from "../api/errors";
import type { Query } from "../api/use-query";
import { useI18n } from "../i18n/i18n";

export function Empty({ title, todo, action }: { title: string; todo?: string; action?: ReactNode }) {
  return (
    <div className="state" role="status">
      <p className="state-title">{title}</p>
      {todo && <p className="soft">{todo}</p>}
      {action}
    </div>
  );
}

/** What happened, why, what to do; the trace id for whoever is asked for help. */
export function Failure({ error, retry, todo }: { error: unknown; retry?: () => void; todo?: string }) {
  const { locale, t } = useI18n();
  const problem = problemOf(error, locale, t);
  return (
    <div className="state state-failed" role="alert">
      <p className="state-title">{problem.what}</p>
      {problem.fields.map(({ field, description }) => (
        <p key={field + description}>{description}</p>
      ))}
      <p className="soft">{todo ?? problem.todo}</p>
      {retry && <Button onClick={retry}>{t("error.retry")}</Button>}
      {problem.traceId && (
        <details className="soft trace">
          <summary>{t("error.details")}</summary>
          <code>
            {problem.reason && `${problem.reason} · `}
            {t("error.trace")} {problem.traceId}
          </code>
        </details>
      )}
    </div>
  );
}

export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useI18n();
  return (
    <div className="loading" role="status" aria-label={t("state.loading")}>
      <Skeleton active title={false} paragraph={{ rows, width: "100%" }} />
    </div>
  );
}

/** One of loading, failed, empty or the answer; an answer on the screen outlives a failed refresh. */
export function QueryView<T>({
  query,
  skeleton,
  isEmpty,
  empty,
  children,
}: {
  query: Query<T>;
  skeleton?: ReactNode;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    if (isEmpty?.(query.data)) return <>{empty}</>;
    return <>{children(query.data)}</>;
  }
  if (query.error !== undefined) return <Failure error={query.error} retry={query.refetch} />;
  return <>{skeleton ?? <Loading />}</>;
}
