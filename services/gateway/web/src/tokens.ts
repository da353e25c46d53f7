// The visual language in one place: antd's theme and the CSS variables both come from here.
// A tenant's brand may replace `accent`, and with it its tint `accent-soft`, and nothing else.
import { mixed } from "./contrast";

export type Scheme = "light" | "dark";

export const space = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32 } as const;
export const radius = 6;
export const fontSize = { small: 12, body: 14, large: 16, title: 20, figure: 28 } as const;
export const lineHeight = 1.5;
export const fontFamily =
  'Inter, "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';

export const palette = {
  light: {
    accent: "#1f5fd6",
    "accent-soft": "#e8effc",
    ground: "#f5f6f8",
    surface: "#ffffff",
    raised: "#ffffff",
    line: "#e3e6eb",
    "line-strong": "#cfd4dc",
    text: "#1b2330",
    "text-soft": "#5a6474",
    red: "#c9302c",
    blue: "#1f5fd6",
    green: "#16794a",
    amber: "#96590a",
    "red-soft": "#fdeceb",
    "green-soft": "#e6f5ed",
    "amber-soft": "#fdf3e1",
    "blue-soft": "#e8effc",
    "chart-1": "#1f5fd6",
    "chart-2": "#9db8ea",
    hover: "#f2f5fa",
    wechat: "#07c160",
    alipay: "#1677ff",
  },
  dark: {
    accent: "#6f9bf5",
    "accent-soft": "#1d2b47",
    ground: "#0f131a",
    surface: "#171c25",
    raised: "#1d2430",
    line: "#2a3240",
    "line-strong": "#3b4557",
    text: "#e6eaf1",
    "text-soft": "#9ba6b8",
    red: "#f5807b",
    blue: "#6f9bf5",
    green: "#58c48d",
    amber: "#e0ab55",
    "red-soft": "#3a2024",
    "green-soft": "#173226",
    "amber-soft": "#372b16",
    "blue-soft": "#1d2b47",
    "chart-1": "#6f9bf5",
    "chart-2": "#3d5687",
    hover: "#1e2632",
    wechat: "#07c160",
    alipay: "#4096ff",
  },
} as const satisfies Record<Scheme, Record<string, string>>;

export type Palette = Record<keyof (typeof palette)["light"], string>;

/** The palette with a brand's own accent; without one the system's. */
export function paletteOf(scheme: Scheme, accent = ""): Palette {
  const own = palette[scheme];
  if (!accent) return own;
  return { ...own, accent, "accent-soft": mixed(accent, own.surface, scheme === "light" ? 0.1 : 0.18) };
}

/** Publishes the tokens as CSS variables; style sheets know colours only by these names. */
export function applyTokens(scheme: Scheme, accent = "") {
  const root = document.documentElement;
  root.dataset.scheme = scheme;
  root.style.colorScheme = scheme;
  for (const [name, value] of Object.entries(paletteOf(scheme, accent))) {
    root.style.setProperty(`--${name}`, value);
  }
  for (const [name, value] of Object.entries(space)) {
    root.style.setProperty(`--space-${name}`, `${value}px`);
  }
  for (const [name, value] of Object.entries(fontSize)) {
    root.style.setProperty(`--font-${name}`, `${value}px`);
  }
  root.style.setProperty("--radius", `${radius}px`);
  root.style.setProperty("--font-family", fontFamily);
}

/** The theme of antd's ConfigProvider, without its algorithm. */
export function antdTokens(scheme: Scheme, touch: boolean, accent = "") {
  const c = paletteOf(scheme, accent);
  return {
    colorPrimary: c.accent,
    // Towards the text: antd's own is paler, and can not be read on the ground.
    colorPrimaryHover: mixed(c.accent, c.text, 0.85),
    colorPrimaryActive: mixed(c.accent, c.text, 0.7),
    colorLinkHover: mixed(c.accent, c.text, 0.85),
    colorInfo: c.accent,
    colorError: c.red,
    colorSuccess: c.green,
    colorWarning: c.amber,
    colorLink: c.accent,
    colorText: c.text,
    colorTextSecondary: c["text-soft"],
    colorTextTertiary: c["text-soft"],
    colorTextDescription: c["text-soft"],
    colorTextPlaceholder: c["text-soft"],
    colorBgLayout: c.ground,
    colorBgContainer: c.surface,
    colorBgElevated: c.raised,
    colorBorder: c["line-strong"],
    colorBorderSecondary: c.line,
    borderRadius: radius,
    fontFamily,
    fontSize: fontSize.body,
    lineHeight,
    controlHeight: touch ? 44 : 34,
    controlHeightSM: touch ? 34 : 26,
  };
}

/** What differs in single components: on the light accents of the dark scheme text is dark. */
export function antdComponents(scheme: Scheme) {
  if (scheme === "light") return {};
  const { ground } = palette.dark;
  return { Button: { primaryColor: ground, dangerColor: ground } };
}
