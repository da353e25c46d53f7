// What people call the program that somebody is signed in with. It says so itself, so nothing may
// rest on it.

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, "微信 WeChat"],
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/Firefox|FxiOS/, "Firefox"],
  [/Chrom(e|ium)|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

const find = (of: [RegExp, string][], text: string) => of.find(([pattern]) => pattern.test(text))?.[1] ?? "";

export interface Device {
  browser: string;
  system: string;
  phone: boolean;
}

export function deviceOf(userAgent: string): Device {
  return {
    browser: find(BROWSERS, userAgent),
    system: find(SYSTEMS, userAgent),
    phone: /Mobile|Android|iPhone/.test(userAgent),
  };
}
