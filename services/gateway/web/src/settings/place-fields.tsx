import { Checkbox, Segmented, TreeSelect } from "antd";
import { regionTree, useRegions } from "../cockpit/use-regions";
import type { Role } from "../gen/qudao/access/v1/access_pb";
import { useI18n } from "../i18n/i18n";
import { nodesBelow } from "../regions/nodes";
import { roleName } from "../shell/role-names";
import { PickDealer } from "../ui/pick-dealer";
import { movedTo, rolesFor, type Place } from "./roles";

interface Props {
  place: Place;
  onChange: (place: Place) => void;
  /** The company is settled: it is the person's own, or that of a membership that exists. */
  fixedCompany: boolean;
  /** Somebody wants to work for a dealer, and has not said which. */
  kind: "brand" | "dealer";
  onKind: (kind: "brand" | "dealer") => void;
}

/** In which company, as what, and which regions are seen there. */
export function PlaceFields({ place, onChange, fixedCompany, kind, onKind }: Props) {
  const { t } = useI18n();
  const changeKind = (next: "brand" | "dealer") => {
    onKind(next);
    onChange(movedTo(place, "", ""));
  };
  return (
    <div className="place-fields">
      {!fixedCompany && (
        <div className="field">
          <span>{t("people.company")}</span>
          <Segmented
            block
            aria-label={t("people.company")}
            value={kind}
            options={[
              { value: "brand", label: t("company.brand") },
              { value: "dealer", label: t("people.aDealer") },
            ]}
            onChange={(next) => changeKind(next as "brand" | "dealer")}
          />
          {kind === "dealer" && (
            <PickDealer
              value={place.dealerId}
              name={place.dealerName}
              onChange={(id, name) => onChange(movedTo(place, id, name))}
            />
          )}
        </div>
      )}
      <RoleChoice
        offered={rolesFor(kind === "dealer" ? place.dealerId || "any" : "")}
        chosen={place.roles}
        onChange={(roles) => onChange({ ...place, roles })}
      />
      {kind === "brand" && <RegionChoice chosen={place.regionIds} onChange={(regionIds) => onChange({ ...place, regionIds })} />}
    </div>
  );
}

function RoleChoice({ offered, chosen, onChange }: { offered: Role[]; chosen: Role[]; onChange: (roles: Role[]) => void }) {
  const { t } = useI18n();
  return (
    <fieldset className="field">
      <legend>{t("people.roles")}</legend>
      <Checkbox.Group
        className="role-choice"
        value={chosen}
        options={offered.map((role) => ({ value: role, label: roleName(role, t) }))}
        onChange={(roles) => onChange(roles as Role[])}
      />
    </fieldset>
  );
}

function RegionChoice({ chosen, onChange }: { chosen: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useI18n();
  const { data, loading } = useRegions();
  const regions = data ?? regionTree([]);
  const root = regions.root;
  return (
    <label className="field">
      {t("people.regions")}
      <TreeSelect<string[]>
        multiple
        allowClear
        showSearch={{ treeNodeFilterProp: "title" }}
        loading={loading}
        aria-label={t("people.regions")}
        placeholder={t("people.regions.all")}
        treeData={root ? nodesBelow(regions, root.regionId, chosen) : []}
        value={chosen}
        onChange={(ids) => onChange(ids ?? [])}
      />
      <span className="soft field-hint">{t("people.regions.hint")}</span>
    </label>
  );
}
