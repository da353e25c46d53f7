//! S7: texts that mean something to somebody else – SQL, patterns, JSON, paths, terminals – in
//! every text of every rpc.

use prost::Message as _;
use prost_reflect::{DynamicMessage, Value};
use proto::access::v1::Role;
use tonic::Code;

use super::requests::{Hints, Place, filled, places};
use super::row::{Found, Row, Run};
use super::rpcs::{Answer, Rpc, call, walk};
use super::seeds::{Seeds, sow};
use super::stage::{Stage, caller};

pub(super) static S7: Row = Row {
    id: "S7",
    attack: "more than 100 texts that mean something to SQL, to patterns, to JSON, to paths and to \
             terminals, and the longest that are allowed, in every text of every rpc",
    passes: "never INTERNAL, UNKNOWN or UNAVAILABLE; a filter gives no row that does not have the \
             text as it is",
    control: "`s7_notices_fields_that_are_not_looked_at`, \
              `a_name_that_is_put_into_a_statement_is_found`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

async fn attack(stage: &Stage, run: Run) -> Found {
    let mut found = Found::default();
    let rpcs = walk(stage.channel()).await;
    let seeds = sow(stage, "aaa", 2).await;
    let texts = texts();
    for (number, rpc) in rpcs.iter().enumerate() {
        for (at, place) in places(&rpc.method.input()).into_iter().enumerate() {
            if !place.is_text() {
                continue;
            }
            for (index, text) in texts.iter().enumerate() {
                // A small run spreads the texts over the fields; all of them are used.
                if !run.whole && (number + at + index) % 12 != 0 && text != "\0" {
                    continue;
                }
                let longest = text.repeat(longest(&place, text));
                for text in [text, &longest] {
                    let answer = ask(stage, rpc, &place, text, &seeds).await;
                    found.attempt(Some(rpc.name()), judge(rpc, &place, text, &answer));
                }
            }
        }
        if places(&rpc.method.input()).iter().all(|place| !place.is_text()) {
            let body = filled(&rpc.method.input(), &Hints::default()).encode_to_vec();
            let answer =
                call(&stage.channel(), rpc, body, &[("authorization", "' OR 1=1 --")]).await;
            found.attempt(Some(rpc.name()), no_fault(&answer));
        }
    }
    found.figure("texts", texts.len());
    found
}

/// How often a text fits into a field.
fn longest(place: &Place, text: &str) -> usize {
    let most = usize::try_from(place.longest()).unwrap();
    (most / text.chars().count().max(1)).max(1)
}

async fn ask(stage: &Stage, rpc: &Rpc, place: &Place, text: &str, seeds: &Seeds) -> Answer {
    let hints = Hints::default();
    let mut request = filled(&rpc.method.input(), &hints);
    // Which filter it is decides what the text meets.
    if let Some((beside, value)) = place.beside().into_iter().nth(3) {
        beside.put(&mut request, value, &hints);
    }
    place.put(&mut request, Value::String(text.to_owned()), &hints);
    let public = rpc.method_name() == "SignIn";
    let operators = kernel::access::Who::Roles(vec!["ROLE_OPERATOR".to_owned()]);
    let roles = match rpc.access.who == operators {
        true => vec![Role::Operator],
        false => vec![Role::HqAdmin, Role::Auditor, Role::Integration],
    };
    let token = format!("Bearer {}", stage.token(&caller(&seeds.tenant, &roles, None)));
    let headers = [("authorization", token.as_str())];
    let headers = if public { &[][..] } else { &headers[..] };
    call(&stage.channel(), rpc, request.encode_to_vec(), headers).await
}

fn judge(rpc: &Rpc, place: &Place, text: &str, answer: &Answer) -> Result<(), String> {
    let shown: String = text.chars().take(30).collect();
    let what = |problem: String| format!("{} = {shown:?}: {problem}", place.name());
    no_fault(answer).map_err(what)?;
    if place.name() != "search" {
        return Ok(());
    }
    // Each row of a search has the text somewhere, in whatever case.
    let Some(message) = answer.messages.first() else { return Ok(()) };
    let shown = DynamicMessage::decode(rpc.method.output(), message.as_slice()).unwrap();
    let (_, rows) = shown.fields().find(|(field, _)| field.is_list()).unzip();
    let rows = rows.and_then(|rows| rows.as_list().map(<[Value]>::to_vec)).unwrap_or_default();
    let wanted = lower(text.trim());
    for row in rows {
        let row = lower(&format!("{row:?}"));
        // What a row consists of is written with escapes here, and the text as well.
        let escaped = format!("{wanted:?}");
        if !row.contains(escaped.trim_matches('"')) {
            return Err(what(format!("a row that does not have it: {row:.200}")));
        }
    }
    Ok(())
}

/// Small letters as PostgreSQL has them: one for each, so `İ` is `i`, and no `i` with a dot above.
fn lower(text: &str) -> String {
    text.replace('İ', "i").to_lowercase()
}

fn no_fault(answer: &Answer) -> Result<(), String> {
    let faults = [Code::Internal, Code::Unknown, Code::Unavailable, Code::DataLoss];
    match faults.contains(&answer.code()) {
        true => Err(format!("{:?} {}", answer.code(), answer.status.message())),
        false => Ok(()),
    }
}

/// Texts that mean something to somebody.
fn texts() -> Vec<String> {
    let words = SQL.lines().chain(OTHERS.lines()).map(str::trim).filter(|line| !line.is_empty());
    let mut all: Vec<String> = words.map(str::to_owned).collect();
    let signs = [
        "\0",
        "a\0b",
        "\n",
        "\r\n",
        "\t",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{80}",
        "\u{feff}",
        "\u{200b}",
        "\u{202e}",
        "\u{2028}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10ffff}",
        "e\u{301}",
        "👩‍👩‍👧‍👦",
        "ﷺ",
        "İ",
        "ß",
        "ſ",
        "\u{3000}",
        "Ａ",
        "１",
        "𝟙",
        "٣",
        "NaN",
        "null",
        "true",
        " ",
        "-1",
        "0",
        "1e309",
        "0x10",
        "9223372036854775808",
    ];
    all.extend(signs.map(str::to_owned));
    all
}

const SQL: &str = r#"
    '
    ''
    "
    ;
    --
    /*
    */
    \
    \'
    ' OR '1'='1
    ' OR 1=1 --
    ') OR ('1'='1
    " OR ""="
    1; DROP TABLE orders
    '; DROP TABLE read_models.orders; --
    '; DELETE FROM order_log.events; --
    ' UNION SELECT version() --
    ' UNION SELECT NULL, NULL, NULL --
    ' AND pg_sleep(10) --
    '; SELECT pg_sleep(10); --
    '||pg_sleep(10)||'
    ' OR tenant_id <> '' --
    x' AND 1=(SELECT COUNT(*) FROM pg_tables) --
    admin'--
    admin' #
    $1
    $2::text
    :name
    ?
    @@version
    $$
    $tag$ x $tag$
    E'\x27'
    U&'\0027'
    chr(39)||chr(39)
    0x27
    %27
    %2527
    &#39;
    ＇
    ʼ
    ‘
    ' OR 'x' LIKE 'x
    ' OR tenant_id LIKE '%
    {1,2,3}
    {"a","b"}
    {NULL}
    {"
    }
    NULL
    DEFAULT
    CURRENT_USER
    current_setting('app.tenant')
    SET app.tenant = 'xyz-brand'
    COPY orders TO '/tmp/x'
    lo_import('/etc/passwd')
    ORDER BY 1
    LIMIT 0
    1 OR 1=1
    1)) OR ((1=1
"#;

const OTHERS: &str = r#"
    %
    %%
    _
    __
    \%
    \_
    \\
    a%
    %a
    [a-z]
    ^
    .*
    (a+)+$
    (?:x
    *
    >
    a.b
    {"a":1}
    {"$ne":null}
    {"__proto__":{}}
    [1,2
    "a":
    \u0000
    \ud800
    ../../etc/passwd
    ..\..\x
    /dev/null
    %2e%2e%2f
    file:///etc/passwd
    http://169.254.169.254/
    ${jndi:ldap://x}
    {{7*7}}
    <%= 7*7 %>
    #{7*7}
    <script>alert(1)</script>
    "><img src=x onerror=alert(1)>
    javascript:alert(1)
    `id`
    $(id)
    | id
    & id
    %s%s%s%n
    =1+1
    @SUM(1)
    +1
    <!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>
    order/
    /order
    order/order/x
    root
    operator
    policy:x
    *)(uid=*
    OrderSubmitted' --
"#;
