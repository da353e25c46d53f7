import { useI18n, type Key } from "../i18n/i18n";
import { useUrlParams } from "../ui/url-state";

const FIRST_PAGE = { page: "", token: "" };

interface Props<Name extends string> {
  label: string;
  /** The parameter of the address. */
  param: string;
  names: Name[];
  textOf: (name: Name) => Key;
}

export function chosenIn<Name extends string>(params: URLSearchParams, param: string, names: Name[]): Name | undefined {
  return names.find((name) => name === params.get(param));
}

/** One of a few, or all of them; the choice is part of the address. */
export function Chips<Name extends string>({ label, param, names, textOf }: Props<Name>) {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const chosen = chosenIn(params, param, names);
  return (
    <div className="chips" role="group" aria-label={label}>
      {[undefined, ...names].map((name) => (
        <button
          key={name ?? ""}
          type="button"
          className={`chip ${chosen === name ? "chip-on" : ""}`}
          aria-pressed={chosen === name}
          onClick={() => change({ [param]: name ?? "", ...FIRST_PAGE })}
        >
          {t(name ? textOf(name) : "filter.all")}
        </button>
      ))}
    </div>
  );
}
