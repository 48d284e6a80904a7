// Every Japanese sentence of the page: see en.js.

/** @typedef {import("../contract.js").Problem} Problem */
/** @typedef {import("../standing.js").Tally} Tally */

export const language = "ja";

export const page = {
  lead: "ラック全体をまとめてアップデート",
  intro: "ベースカードをUSBで接続してください。このページがすべてのモジュールを見つけ、新しいファームウェアを表示し、まとめてアップデートします。",
  connect: "接続",
  demo: "デモラックを試す",
  updateAll: "すべてアップデート",
  disconnect: "切断",
  leaveDemo: "デモを終了",
  saveReport: "レポートを保存",
  saveTranscript: "通信記録を保存",
  engineer: "技術者向け",
  certificate: "証明書",
  useFile: "リリースファイルを使う",
  tellMe: "完了したら通知",
  anotherPort: "別のポートを選ぶ",
  blink: "点滅",
  tryAgain: "再試行",
  demoTag: "デモ",
  breakSomething: "障害を起こす",
  rack: "ラック",
  empty: "空き",
  paused: "一時停止中",
  progress: "ラック全体のアップデート",
  promise: "インストールは不要です。処理はすべてこのブラウザ内で行われ、ラックの情報がこのコンピューターの外に出ることはありません。",
  noBase: "ベースカード未接続",
  noBaseYet: "ベースカードを待っています",
  simulated: "シミュレーション（実機は変更されません）",
  baseLost: "ケーブル外れ、または電源オフ",
  language: "言語",
};

/** @param {number | null} n */
export const slot = (n) => (n === null ? "スロット不明" : `スロット${n}`);
/** @param {string} what @param {string} name @param {number | null} n */
export const labelFor = (what, name, n) => `${what}：${name}、${slot(n)}`;
/** @param {string} serial */
export const serial = (serial) => `No. ${serial}`;
/** @param {string} version */
export const firmware = (version) => `ファームウェア ${version}`;
/** @param {string} installed @param {string} available */
export const versions = (installed, available) => (installed ? `現在 ${installed}、最新 ${available}` : `最新 ${available}`);
/** @param {number} n */
export const careTitle = (n) => `対応が必要な項目が${n}件あります`;
const share = new Intl.NumberFormat(language, { style: "percent" });
/** @param {number} done 0 to 1 @param {string} [what] */
export const percent = (done, what = "") => `${what} ${share.format(Math.floor(done * 100) / 100)}`.trim();

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 5) return "数秒";
  return seconds < 55 ? `約${Math.ceil(seconds / 5) * 5}秒` : `約${Math.max(1, Math.round(seconds / 60))}分`;
}
/** @param {number} seconds */
export const timeLeft = (seconds) => `残り${about(seconds)}`;
/** @param {string} release */
export const ready = (release) => `リリース${release}の準備ができました`;
/** @param {string} release @param {number} seconds */
export const plan = (release, seconds) => `リリース${release}、所要時間 ${about(seconds)}`;

/** @param {Tally} t @param {number} n @param {string} what */
const some = (t, n, what) => {
  const all = t.here + t.silent;
  return `${n === all ? `${n}台のモジュール` : `${all}台中${n}台のモジュール`}${what}${t.silent ? `（${t.silent}台は応答なし）` : ""}`;
};
/** @param {Tally} t */
const done = (t) => (t.here === 1 ? "モジュールは最新の状態です" : `${t.here}台のモジュールはすべて最新の状態です`);
/** @param {Tally} t */
const running = (t) => `アップデート中：残り${t.busy + t.waiting}台`;

export const headline = {
  connecting: { title: () => "接続しています…", hint: "少々お待ちください。" },
  unanswered: { title: () => "まだ接続できていません", hint: "引き続き接続を試みています。" },
  finishing: { title: () => "ベースカードが処理を終えるのを待っています", hint: "以前に受け取った処理が残っています。終わると自動的に続行します。" },
  detecting: { title: (/** @type {Tally} */ t) => `モジュールを探しています…${t.here ? ` ${t.here}台を検出` : ""}`, hint: "すべてのスロットを確認しています。" },
  nothing: { title: () => "モジュールが見つかりません", hint: "モジュールがスロットにしっかり差し込まれ、ラックの電源が入っているか確認してください。見つかると自動的に表示されます。" },
  ready: {
    title: (/** @type {Tally} */ t) => some(t, t.ready, "をアップデートできます"),
    hint: "パッチと設定はそのまま残ります。完了するまでラックの電源を切らないでください。",
  },
  running: { title: running, hint: "ラックの電源を切らず、ケーブルも抜かないでください。その間、ほかのウィンドウは自由にお使いいただけます。" },
  onBase: { title: running, hint: "必要なデータはすべてベースカードに渡りました。このページは閉じてもかまいません。ラックの電源は切らないでください。" },
  away: { title: () => "応答しないモジュールを待っています", hint: "もう一度差し込むと、自動的に続行します。" },
  done: { title: done, hint: "すべてのモジュールの内容を読み戻して確認しました。" },
  current: { title: done, hint: "アップデートは不要です。すでに最新のファームウェアが入っています。" },
  silent: { title: (/** @type {Tally} */ t) => some(t, t.good, "は最新の状態です"), hint: "応答しないモジュールをスロットにしっかり差し込んでください。自動的に表示されます。" },
  care: {
    title: (/** @type {Tally} */ t) => `${t.good ? `${t.good}台完了、` : ""}${t.care}台のモジュールをアップデートできませんでした`,
    hint: "ほかのモジュールに問題はありません。対処方法は下に表示されています。",
  },
  idle: { title: (/** @type {Tally} */ t) => `${t.here}台のモジュールを検出（アップデートなし）`, hint: "このページには、これより新しいファームウェアがありません。" },
  lost: { title: () => "接続が切れました", hint: "故障ではありません。どのモジュールも、どこまで進んだかを覚えています。" },
};

export const standing = {
  outdated: "更新あり",
  rescue: "要書き込み",
  stranded: "対応なし",
  unknown: "更新なし",
  current: "最新",
  updated: "更新済み",
  waiting: "順番待ち",
  busy: "更新中",
  refused: "変更なし",
  failed: "更新失敗",
  gone: "応答なし",
};

export const why = {
  blank: "新品（空）",
  interrupted: "中断された",
  damaged: "内容が破損",
  "never-confirmed": "起動せず",
  requested: "更新待ち",
};

/** @type {Record<string, string>} */
export const phase = { comparing: "比較中", writing: "書き込み中", verifying: "検証中", starting: "起動中" };

const RELOAD = "インターネット接続を確認してから、ページを再読み込みしてください。";
const ASK_MAKER = "何も書き込まれていません。正しいファイルをモジュールのメーカーにお問い合わせください。";
const SEND_REPORT = "レポートを保存してモジュールのメーカーにお送りください。";

/** @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "no-web-serial": ["このブラウザはUSBシリアル機器を利用できません", "パソコンのChrome、Edge、Opera、またはFirefox（バージョン151以降）、あるいはAndroidのChrome（148以降）でこのページを開いてください。デモラックはこのままお試しいただけます。"],
  "not-secure": ["このページはhttpsで開かれていません", "https:// で始まるアドレスを開いてください。ブラウザがUSBを許可するのはhttpsだけです。デモラックはこのままお試しいただけます。"],
  "no-port-chosen": ["ポートが選ばれませんでした", "もう一度「接続」をクリックして、ベースカードを選んでください。"],
  "base-not-listed": ["コンピューターがベースカードを認識していません", "別のUSBケーブルをお使いください。充電専用で、データを送れないケーブルもあります。"],
  "port-busy": ["別のプログラムがベースカードを使用しています", "シリアルポートを開いている別のプログラムを閉じてから、もう一度「接続」をクリックしてください。"],
  "port-not-permitted": ["このコンピューターではシリアルポートを使う権限がありません", "ターミナルで sudo usermod -aG dialout $USER を実行し、ログインし直してから「接続」をクリックしてください。"],
  "port-blocked": ["このブラウザではUSBシリアルがブロックされています", "このページで許可するよう、このコンピューターの管理者にご依頼ください。"],
  "port-busy-tab": ["Rackflashが別のタブで開かれています", "そのタブで続けるか、そのタブを閉じてからここでもう一度「接続」をクリックしてください。"],
  "port-lost": ["ベースカードが見つかりません", "ケーブルを差し直してください。止まったところから自動的に続行します。"],
  "rack-off": ["ラックの電源が切れています", "電源を入れてください。止まったところから自動的に続行します。"],
  "silent-port": ["ポートは開きましたが、応答がありません", "ラックの電源が入っているか確認してください。入れば自動的に続行します。"],
  "not-a-base": ["Rackflashのベースカードではありません", "このポートからは、異なる方式の応答が返ってきます。別のポートを選んでください。"],
  "base-newer": ["ベースカードがこのページより新しいものです", "ページを再読み込みして、最新版にしてください。"],
  "base-older": ["ベースカードのファームウェアが古すぎます", "先にベースカードをアップデートしてください。手順はメーカーにお問い合わせください。"],
  "base-restarted": ["ベースカードが再起動しました", "アップデートは自動的に続行します。再び起きる場合は、ラックの電源を点検してください。"],
  "browser-too-old": ["このブラウザは古いため、署名を検証できません", "ブラウザを最新版にしてから、このページを開き直してください。何も書き込まれていません。"],
  "engine-missing": ["ページの一部を読み込めませんでした", RELOAD],
  "engine-failed": ["ページの一部が動作しなくなりました", "ページを再読み込みして、もう一度接続してください。モジュールはどこまで進んだかを覚えています。"],

  "release-missing": ["ファームウェアを読み込めませんでした", RELOAD],

  "no-image": ["更新なし", "このページには、このモジュール用のファームウェアがありません。メーカーにはあるかもしれません。"],
  "wrong-type": ["別のモジュール用", ASK_MAKER],
  "wrong-hardware": ["ハードウェア違い", ASK_MAKER],
  "loader-older": ["ローダーが古い", "このファームウェアには、モジュールのものより新しいブートローダーが必要です。更新をメーカーにご依頼ください。"],
  older: ["こちらより新しい", "このモジュールには、すでに新しいバージョンが入っています。対処は不要です。"],
  "does-not-fit": ["容量が合わない", ASK_MAKER],
  "bad-image": ["ファイル使用不可", ASK_MAKER],
  "bad-identity": ["情報に矛盾あり", "モジュールが返す自身の情報に、ありえない内容があります。メーカーの点検が必要です。"],
  "not-answering": ["応答が途絶えた", "モジュールをスロットにしっかり差し込むか、ラックの電源を入れ直してください。その後、再試行してください。"],
  unplugged: ["応答なし", "モジュールを差し直してから、再試行してください。"],
  "bus-stuck-now": ["バスが固着", "ラックの電源を入れ直してください。直らない場合は、モジュールを1台ずつ外して原因を探してください。"],
  "bus-stuck": ["バスが固着した", "再試行してください。再び起きる場合は、モジュールを1台ずつ外して原因を探してください。"],
  "bad-data": ["通信データ破損", "再試行してください。再び起きる場合は、モジュールをスロットにしっかり差し込んでください。"],
  "digest-mismatch": ["検証に失敗", "モジュールの内容が送信したものと一致しないため、起動しませんでした。再試行してください。"],
  "flash-worn": ["メモリーの寿命", `このモジュールにはもうファームウェアを保存できません。${SEND_REPORT}`],
  "address-conflict": ["モジュールの競合", "最後に差し込んだモジュールを外し、残りをアップデートしてください。その後、それだけを差し込んでください。"],
  "no-free-address": ["台数が多すぎる", "1本のバスにつながるモジュールが多すぎます。1台を外してほかをアップデートし、その後入れ替えてください。"],
  "never-started": ["起動せず", `新しいファームウェアから応答がありません。再試行し、それでも直らない場合は${SEND_REPORT}`],
  "no-application": ["起動できるファームウェアなし", "アップデートすると入ります。"],
  refused: ["モジュールが拒否", `元の状態のままか、アップデート待ちです。${SEND_REPORT}`],
  "base-silent": ["ベースで通信途絶", "ベースカードのケーブルを抜き差ししてから、再試行してください。"],
  bug: ["このページの不具合です", `モジュールではなく、ページの問題です。${SEND_REPORT}`],
};

/** @type {Record<string, string>} */
export const causes = { "base-not-listed": "一覧にない", "port-not-permitted": "ほかに使っているものはない", "rack-off": "ケーブルはつながっている" };

/** @param {number[]} slots */
export const inSlots = (slots) => {
  const [first, last] = [slots[0], slots[slots.length - 1]];
  const row = last - first > 1 && last - first === slots.length - 1;
  return `スロット${row ? `${first}～${last}` : slots.join("、")}のバスです。`;
};

/** @param {Problem} p */
export const unknownProblem = (p) => ["予期しない問題が発生しました", `再試行してください。再び起きる場合は${SEND_REPORT}（${[p.code, p.detail].filter(Boolean).join(": ")}）`];
