import { Link } from "react-router";
import { useI18n } from "../i18n/i18n";
import { filtersOf, STEPS, stepsUpTo, type CockpitState, type Step } from "./state";
import { useSales } from "./use-sales";
import type { Regions } from "./use-regions";

interface Crumb {
  key: string;
  name: string;
  to: URLSearchParams;
}

interface Props {
  state: CockpitState;
  params: URLSearchParams;
  regions: Regions | undefined;
}

/** 全国 › West › CA › Jekyll Carbon 2 › dealer; each crumb leads back up to itself. */
export function Crumbs({ state, params, regions }: Props) {
  const { t } = useI18n();
  const names = useNames(state.steps);
  const crumbs: Crumb[] = [
    { key: "root", name: regions?.root?.name ?? t("cockpit.root"), to: stepsUpTo(params, state.steps, 0) },
  ];
  state.steps.forEach((step, i) => {
    const upTo = stepsUpTo(params, state.steps, i + 1);
    if (step.kind !== "region") {
      crumbs.push({ key: step.kind, name: names(step), to: upTo });
      return;
    }
    const path = regions?.pathTo(step.id) ?? [];
    for (const region of path) {
      const to = new URLSearchParams(upTo);
      to.set("region", region.regionId);
      crumbs.push({ key: region.regionId, name: region.name, to });
    }
    if (path.length === 0) crumbs.push({ key: step.id, name: step.id, to: upTo });
  });
  if (crumbs.length === 1) return null;
  return (
    <nav className="crumbs" aria-label={t("cockpit.path")}>
      <ol>
        {crumbs.map(({ key, name, to }, i) => (
          <li key={key}>
            {i === crumbs.length - 1 ? (
              <span aria-current="page">{name}</span>
            ) : (
              <Link to={`?${to}`}>{name}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Names of the ids in the URL; a link from outside carries ids alone. */
function useNames(steps: Step[]): (step: Step) => string {
  const named = steps.filter((step) => step.kind !== "region");
  const query = useSales(
    {
      dimensions: named.map((step) => STEPS[step.kind]),
      filters: filtersOf(named),
      limit: 1,
    },
    { enabled: named.length > 0, keep: true },
  );
  return (step) =>
    query.data?.rows[0]?.keys.find((key) => key.id === step.id && key.dimension === STEPS[step.kind])
      ?.name || step.id;
}
