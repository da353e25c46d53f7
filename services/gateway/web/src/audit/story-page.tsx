import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { formatDuration } from "../format/time";
import { HistoryService, type GetCausationTreeResponse } from "../gen/qudao/history/v1/history_service_pb";
import { useI18n } from "../i18n/i18n";
import { CopyId } from "../ui/copy-id";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { StoryTree } from "./story-tree";
import { spanOf, treeOf } from "./tree";

/** What followed from one request of the outside world, through all contexts. */
export default function StoryPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const history = useClient(HistoryService);
  const query = useQuery(`story/${id}`, (signal) => history.getCausationTree({ id }, { signal }));
  return (
    <Page title={t("story.title")}>
      <p className="back">
        <Link to="/audit">‹ {t("story.back")}</Link>
      </p>
      <QueryView
        query={query}
        skeleton={<Panel><Loading rows={6} /></Panel>}
        isEmpty={(data) => data.nodes.length === 0}
        empty={<Panel><Empty title={t("story.none")} todo={t("story.none.todo")} /></Panel>}
      >
        {(story) => <Story story={story} />}
      </QueryView>
    </Page>
  );
}

function Story({ story }: { story: GetCausationTreeResponse }) {
  const { t } = useI18n();
  const { events, millis } = spanOf(story.nodes);
  return (
    <Panel
      title={
        <>
          {t("story.events", { n: events })}
          <span className="soft"> · {t("story.span", { n: formatDuration(millis, t) })}</span>
        </>
      }
      extra={<Link to={`/audit?story=${story.correlationId}`}>{t("story.list")}</Link>}
    >
      <p className="soft">
        {t("history.correlation")} <CopyId value={story.correlationId} />
      </p>
      <p className="soft">{t("story.hint")}</p>
      {story.truncated && <p className="note">{t("story.truncated")}</p>}
      <StoryTree branches={treeOf(story.nodes)} />
    </Panel>
  );
}
