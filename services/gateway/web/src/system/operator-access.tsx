import { Button, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { formatDuration } from "../format/time";
import { Role } from "../gen/qudao/access/v1/access_pb";
import { IdentityService } from "../gen/qudao/partner/v1/identity_service_pb";
import { useI18n } from "../i18n/i18n";
import { useNow } from "../live/live";
import { bearer, useOperator } from "../session/operator";
import { expiryOf, storeOperator, type Operator } from "../session/operator-store";
import { useUser } from "../session/session";
import { AskFirst } from "../ui/ask-first";

/** Shows whether the person acts as the operator, and lets them begin and stop. */
export function OperatorAccess() {
  const { t } = useI18n();
  const { roles } = useUser();
  const { operator } = useOperator();
  const [asking, setAsking] = useState(false);
  if (roles.includes(Role.OPERATOR)) return null;
  if (operator) return <Acting operator={operator} />;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("operator.enter")}</Button>
      {asking && <TokenDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function Acting({ operator }: { operator: Operator }) {
  const { t } = useI18n();
  const left = Math.max(0, operator.expiresAt - useNow());
  return (
    <>
      <span className="tag tag-submitted">{t("operator.left", { n: formatDuration(left, t) })}</span>
      <Button onClick={() => storeOperator(undefined)}>{t("operator.leave")}</Button>
    </>
  );
}

function TokenDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const identity = useClient(IdentityService);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const action = useAction();
  const token = text.trim();
  const show = async () => {
    const expiresAt = expiryOf(token);
    // The server says whose it is; a token that it does not know is not even asked about.
    const user = expiresAt && (await identity.getCurrentUser({}, { headers: bearer(token) })).user;
    if (!expiresAt || expiresAt <= Date.now() || !user || !user.roles.includes(Role.OPERATOR)) return setWrong(true);
    storeOperator({ token, expiresAt, roles: user.roles });
    onClose();
  };
  return (
    <AskFirst
      title={t("operator.title")}
      okText={t("operator.ok")}
      disabled={token === ""}
      state={action}
      onClose={onClose}
      onOk={() => void action.run(show)}
    >
      <p>{t("operator.none")}</p>
      <p>{t("operator.what")}</p>
      <label className="field">
        {t("operator.token")}
        <Input.TextArea
          rows={4}
          autoComplete="off"
          spellCheck={false}
          className="mono"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
        />
      </label>
      {wrong && <p role="alert" className="field-error">{t("operator.notOne")}</p>}
    </AskFirst>
  );
}
