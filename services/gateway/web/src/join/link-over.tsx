import { Button } from "antd";
import { useNavigate } from "react-router";
import { reasonOf } from "../api/errors";
import { useI18n, type Key } from "../i18n/i18n";

const WORDS: Record<string, [Key, Key]> = {
  INVITATION_EXPIRED: ["join.expired", "join.askAgain"],
  INVITATION_USED: ["join.used", "join.used.todo"],
  INVITATION_NO_MORE: ["join.revoked", "join.askAgain"],
  UNKNOWN_INVITATION: ["join.unknown", "join.askAgain"],
  RESET_OVER: ["reset.over", "reset.over.todo"],
};

/** Whether a failure says that the link itself is of no use. */
export function isLinkOver(error: unknown): boolean {
  return error !== undefined && reasonOf(error) in WORDS;
}

/** Why a one-time link opens nothing any more, and what to do. */
export function LinkOver({ error }: { error: unknown }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [what, todo] = WORDS[reasonOf(error)] ?? ["join.unknown", "join.askAgain"];
  return (
    <div className="state" role="status" data-link-over={reasonOf(error)}>
      <h2 className="state-title">{t(what)}</h2>
      <p className="soft">{t(todo)}</p>
      <Button onClick={() => void navigate("/")}>{t("join.toSignIn")}</Button>
    </div>
  );
}
