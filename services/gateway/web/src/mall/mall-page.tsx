import { LeftOutlined } from "@ant-design/icons";
import { useEffect, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { useI18n } from "../i18n/i18n";
import { useBrand } from "../session/brand";
import { MALL_PATH } from "../shell/surface";

interface Props {
  title: string;
  /** The page that it leads back to when it was opened by an address. */
  back?: string;
  extra?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A page of the mall below its title. */
export function MallPage({ title, back, extra, className = "", children }: Props) {
  useTitle(title);
  return (
    <div className={`mall-page ${className}`}>
      <header className="mall-head">
        {back && <Back to={back} />}
        <h1>{title}</h1>
        {extra}
      </header>
      {children}
    </div>
  );
}

/** Browsers show it, and phones when they switch between apps: it is the brand's. */
export function useTitle(title: string) {
  const { t } = useI18n();
  const { look } = useBrand();
  const brand = look?.name || t("app.name");
  useEffect(() => {
    document.title = title === brand ? title : `${title} · ${brand}`;
  }, [title, brand]);
}

export function Back({ to = MALL_PATH }: { to?: string }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const back = () => {
    // Whoever came by a link has nothing to go back to.
    const { idx = 0 } = (window.history.state ?? {}) as { idx?: number };
    if (idx > 0) void navigate(-1);
    else void navigate(to);
  };
  return (
    <button type="button" className="mall-back" aria-label={t("mall.back")} onClick={back}>
      <LeftOutlined />
    </button>
  );
}
