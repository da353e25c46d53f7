import { useI18n } from "../i18n/i18n";
import { modelName } from "../i18n/names";

/** A read model as people call it, with the name that the command line knows it by. */
export function ModelName({ name, note }: { name: string; note?: string }) {
  const { t } = useI18n();
  const said = modelName(name, t);
  return (
    <span className="name">
      <span>{said}</span>
      <span className="soft">
        {said !== name && <span className="mono">{name}</span>}
        {said !== name && note && " · "}
        {note}
      </span>
    </span>
  );
}
