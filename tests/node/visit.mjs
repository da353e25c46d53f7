// A browser that signs in at the provider of oidc-provider.mjs and consents. It prints the address
// that it is sent back to.
//
//   node visit.mjs <authorization url> <who>

const [start, who] = process.argv.slice(2);
const jar = new Map();
const origin = new URL(start).origin;

async function go(url, form) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(url, {
    redirect: "manual",
    headers: { cookie, ...(form && { "content-type": "application/x-www-form-urlencoded" }) },
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  for (const line of answer.headers.getSetCookie()) {
    const [name, value] = line.split(";")[0].split(/=(.*)/);
    if (value) jar.set(name, value);
    else jar.delete(name);
  }
  return answer;
}

let url = start;
let form;
for (let steps = 0; steps < 20; steps += 1) {
  const answer = await go(url, form);
  form = undefined;
  const to = answer.headers.get("location");
  if (to) {
    url = new URL(to, url).href;
    if (new URL(url).origin !== origin) {
      console.log(url);
      process.exit(0);
    }
    continue;
  }
  const page = await answer.text();
  const prompt = page.match(/name="prompt" value="([a-z]+)"/)?.[1];
  if (!prompt) {
    console.error(`${answer.status} ${url}\n${page.replace(/<style>.*?<\/style>/s, "")}`);
    process.exit(1);
  }
  url = new URL(page.match(/action="([^"]+)"/)[1], url).href;
  form = prompt === "login" ? { prompt, login: who, password: "any" } : { prompt };
}
process.exit(1);
