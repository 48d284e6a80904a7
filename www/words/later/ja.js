// Every Japanese sentence of the parts that are loaded later: see en.js.

const time = new Intl.NumberFormat("ja", { style: "unit", unit: "second", maximumFractionDigits: 1 });
export const kiosk = {
  attract: "ラックを接続すると、自動的にアップデートされます",
  attendant: "このスタンドの集計",
  pin: "PIN",
  enter: "OK",
  erase: "削除",
  close: "閉じる",
  reset: "集計をリセット",
  /** @param {{ racks: number, modules: number, failures: number, median: number | null }} c @returns {[string, string][]} */
  counts: (c) => [["ラック", `${c.racks}`], ["アップデート済みモジュール", `${c.modules}`], ["失敗", `${c.failures}`], ["所要時間（中央値）", c.median === null ? "–" : time.format(c.median)]],
};

/** The demo's drawer. */
export const harmless = "ここにあるものはすべて仮想です。アップデートを開始して自由に障害を起こし、ラックが復旧する様子をご覧ください。";

const FILL = "実行中のアップデートがあれば、自動的に書き込まれます。なければ「すべてアップデート」をクリックしてください。";

/** @type {Record<string, [label: string, said: (n: number, name: string) => string]>} */
export const harm = {
  unplug: ["ケーブルを抜く", () => "ケーブルが抜けました。ベースカードは、受け取り済みの処理を単独で続けます。"],
  plug: ["差し直す", () => "ケーブルが戻りました。各モジュールの内容を確認し、そこから続行します。"],
  power: ["電源を切る", (n) => `電源が1秒間切れました。${n ? `${n}台のモジュールがメモリーページの書き込み中でした。そのページは今、書き直されています。` : "そのとき、書き込み中のメモリーページはありませんでした。"}`],
  noise: ["ノイズを加える", () => "10,000ビットに1ビットが誤って届くようになりました。チェックサムが検出し、壊れたデータは送り直されます。"],
  quiet: ["ノイズを止める", () => "配線は静かになりました。"],
  hold: ["バスを占有", (n, name) => `スロット${n}の${name}がバスをLowに保持し、誰も通信できません。解放するか、電源を切ってください。`],
  free: ["バスを解放", (n, name) => `スロット${n}の${name}がバスを解放しました。「すべてアップデート」をクリックすると、その間に失敗したものを終わらせます。`],
  swap: ["モジュール交換", (n, name) => `スロット${n}に別の${name}が入りました。番号でわかるとおり、新品で空です。${FILL}`],
  kill: ["モジュール故障", (n, name) => `スロット${n}の${name}はもう応答せず、ほかのモジュールだけで続行します。交換するか、電源を切って復帰させてください。`],
  mend: ["新品に交換", (n, name) => `スロット${n}に新しい${name}が入りました。まだ空です。${FILL}`],
};

export const certificate = {
  title: "アップデート証明書",
  proof: "すべてのモジュールを読み戻し、署名されたものと完全に一致することを確認しました。",
  print: "印刷",
  save: "JSONで保存",
  close: "閉じる",
  release: "リリース",
  number: (/** @type {string} */ id, /** @type {number} */ counter) => `${id}（番号 ${counter}）`,
  time: "日時",
  base: "ベースカード",
  page: "ページのバージョン",
  columns: ["スロット", "モジュール", "シリアル番号", "固有ID", "変更前", "変更後", "ダイジェスト", "バイト数"],
};

const NOT_TAKEN = "何も書き込まれていません。ページを再読み込みして取得し直してください。それでも直らない場合は、このページの運営者にご連絡ください。";
const ASK_SITE = "何も書き込まれていません。このページの運営者にご連絡ください。";

/** A release that is not to be trusted, or not now. @type {Record<string, [title: string, action: string]>} */
export const problems = {
  "release-signature": ["ファームウェアがメーカーの署名したものと異なります", NOT_TAKEN],
  "release-signature-form": ["ファームウェアの署名が壊れています", NOT_TAKEN],
  "release-unknown-key": ["ファームウェアは別の人によって署名されています", NOT_TAKEN],
  "release-not-signed": ["ファームウェアに署名がありません", NOT_TAKEN],
  "release-too-long": ["ファームウェアの一覧が正しい形式ではありません", NOT_TAKEN],
  "release-pack-form": ["このファイルには完全なリリースが入っていません", "何も書き込まれていません。ファイルをコピーまたはダウンロードし直してください。"],
  "release-format": ["ファームウェアがこのページより新しいものです", "ページを再読み込みして、最新版にしてください。"],
  "release-manifest": ["ファームウェアの一覧の内容が正しくありません", ASK_SITE],
  "release-older": ["以前より古いファームウェアです", "何も書き込まれていません。このブラウザは、より新しいリリースを確認済みです。ページを再読み込みして取得してください。"],
  "release-expired": ["このファームウェアは期限切れです", "このコンピューターの日付が正しいか確認してから、ページを再読み込みして最新のリリースを取得してください。"],
  "release-other-file": ["署名されたものと異なるファームウェアファイルがあります", NOT_TAKEN],
  "release-other-image": ["表記と異なるモジュール用のファームウェアファイルがあります", ASK_SITE],
  "release-image": ["使用できないファームウェアファイルがあります", ASK_SITE],
  "release-bad-key": ["このページは誤った鍵で作成されています", ASK_SITE],
  "file-unreadable": ["このファイルは読めません", "別のプログラムが書き込み中かもしれません。少し待ってから、もう一度選んでください。"],
  "module-busy": ["モジュールは使用中です", "いま別の問い合わせ中です。少し待ってから、もう一度お試しください。"],
  "release-settings-saved": ["設定を保存しました", "モジュールが覚えている内容を更新の前に保存しました。更新の後に元に戻します。"],
  "release-settings-restored": ["設定を元に戻しました", "更新したモジュールは、以前に覚えていた内容を取り戻しました。"],
  "release-settings-unmoved": ["設定をまだ戻せていません", "ファームウェアは更新済みで、覚えていた内容はここに保存されています。モジュールを抜いて、もう一度差してください。"],
  "release-settings-left": ["設定はそのままです", "この更新は別のコンピューターで始まり、内容はそこに保存されています。戻すには、そのコンピューターにつないでください。"],
  "settings-unsaved": ["設定を保存できませんでした", "そのためモジュールは更新していません。もう一度試してください。それでもだめなら、このコンピューターの空き容量を増やしてください。"],
};

const size = new Intl.NumberFormat("ja", { style: "unit", unit: "byte", unitDisplay: "long" });

/** @type {typeof import("./en.js").engineer} */
export const engineer = {
  title: "技術者向け",
  module: "モジュール",
  copyReport: "レポートをコピー",
  close: "閉じる",
  copied: "レポートをクリップボードに入れました。",
  savedInstead: "ブラウザーがクリップボードを許可しないため、レポートをファイルに保存しました。",
  connectFirst: "先にラックに接続してください。",
  updating: "アップデート中は見るだけになります。",
  done: "完了しました。",
  tabs: { module: "モジュール", memory: "フラッシュ", eeprom: "EEPROM", transcript: "通信記録", link: "リンク" },
  bytes: (n) => size.format(n),
  nothingChosen: "ファイルが選ばれていません。",

  ask: "もう一度調べる",
  readLog: "ログを読む",
  stop: "ローダーで止める",
  start: "起動",
  erase: "消去",
  reallyErase: "本当に消去しますか",
  updateFrom: "ファイルから更新",
  blinks: "ローダーにいるか、ファームウェアが対応していれば点滅します。",
  stopped: "ローダーで待っています。",
  started: "ファームウェアが動いています。",
  startedAgain: "リンクが切れたときに止まっていましたが、再び動いています。",
  erased: "ファームウェアを消去し、全ページが空であることを読み戻して確かめました。ローダーで待っています。",
  updateBegun: "アップデートを始めました。",
  logEmpty: "ログは空です。",
  event: (code, detail) => `${["", "ローダー開始、理由", "壊れたフレーム:", "拒否、理由", "取りこぼしたページ:", "重複したページ:", "書き直したページ:", "アップデート開始、セッション", "アップデート確定、セッション"][code] ?? `イベント ${code}:`} ${detail}`,
  fact: {
    state: "状態", application: "ファームウェア", loader: "ローダー、プロトコル", type: "メーカー、型式、基板", uid: "固有番号", flash: "フラッシュ: 先頭、容量、ページ、バンク",
    start: "ファームウェアの先頭", ram: "RAM", eeprom: "データ EEPROM", ring: "先に受け取るページ数", home: "スロットのアドレス", starts: "起動回数",
  },

  compareRelease: "リリースと比べる",
  compareFile: "ファイルと比べる",
  readOut: "読み出す",
  noRelease: "リリースに該当するものがないため、内容だけを示します。",
  readOutOf: (length, start) => `${start} から ${size.format(length)} を保存しました。`,
  page: { blank: "空", data: "使用中", equal: "同じ", changed: "違う", written: "書き込み済み", failing: "失敗" },
  pageAt: (page, address, state) => `ページ ${page}、${address}: ${state}`,

  read: "読む",
  write: "変更を書き込む",
  save: "保存",
  load: "ファイルを読み込む",
  readFirst: "先に読んでください。",
  unsaved: "書き込んでいない変更があります。もう一度クリックすると破棄します。",
  notHex: "各行には元と同じ数の 16 進数の組が必要です。",
  noEeprom: "データ EEPROM がありません。",
  loaded: "読み込みました。まだ書き込んでいません。",
  eepromHint: "16 進数のバイト列です。変更したところだけを書き込み、読み戻します。",
  written: (n) => (n ? `${size.format(n)} を書き込み、読み戻しました。` : "変更はありません。"),
  otherLength: (length, wanted) => `ファイルは ${size.format(length)}、EEPROM は ${size.format(wanted)} です。`,
  bytesAt: (at) => `${at} からのバイト`,

  filter: "表示するもの",
  kinds: { all: "すべて", messages: "生存確認を除く", trouble: "異常だけ" },
  search: "検索",
  pause: "止める",
  goOn: "追う",
  found: (n, of) => `${of} 件中 ${n} 件`,

  counted: { sent: "送信フレーム", received: "受信フレーム", sentAgain: "再送", receivedAgain: "再受信", damaged: "破損", missed: "未記録" },
  columns: ["スロット", "モジュール", "書き込み", "読み取り", "失敗", "断念", "最後の原因"],
};

const COPY_AGAIN = "何も書き込まれていません。ファイルが壊れています。コピーまたはダウンロードし直してください。";
const ASK_FIRMWARE = "何も書き込まれていません。正しいファイルをファームウェアのメーカーにお問い合わせください。";
const CHOOSE_OTHER = "何も書き込まれていません。このモジュール用のファイルを選んでください。";

/** @type {Record<string, [title: string, action: string]>} */
export const fileProblems = {
  "file-empty": ["ファイルが空です", COPY_AGAIN],
  "file-too-large": ["ファイルがファームウェアとしては大きすぎます", CHOOSE_OTHER],
  "image-too-large": ["ファームウェアがどのフラッシュメモリーよりも大きくなっています", CHOOSE_OTHER],
  "no-address": ["ELF、Intel HEX、Sレコードのどのファイルでもありません", "バイナリーファイルの場合は、書き込み先のアドレスを指定してください。そうでない場合は、別のファイルを選んでください。"],
  "binary-address": ["バイナリーファイルが最後のアドレスを超えています", "より低いアドレスを指定してください。"],
  "no-data": ["ファイルにフラッシュメモリー用のデータがありません", ASK_FIRMWARE],
  "no-header": ["どのモジュール用か、ファームウェアに書かれていません", CHOOSE_OTHER],
  header: ["ファームウェア自身の情報が正しくありません", ASK_FIRMWARE],
  "record-start": ["レコードとして始まっていない行があります", COPY_AGAIN],
  "record-character": ["16進数でない文字を含む行があります", COPY_AGAIN],
  "record-digits": ["桁数が足りない、または多すぎる行があります", COPY_AGAIN],
  "record-checksum": ["チェックサムが合わない行があります", COPY_AGAIN],
  "record-length": ["長さが表記と異なる行があります", COPY_AGAIN],
  "record-type": ["使われていない種類の行があります", "何も書き込まれていません。標準的な形式のファイルをファームウェアのメーカーにお問い合わせください。"],
  "record-count": ["行が足りないか、多すぎます", COPY_AGAIN],
  "record-no-end": ["ファイルの終わりがありません", COPY_AGAIN],
  "record-after-end": ["ファイルの終わりの後に続きがあります", "何も書き込まれていません。ファイルが壊れているか、2つのファイルがつながっています。コピーまたはダウンロードし直してください。"],
  "record-overlap": ["2つの行が1つのアドレスに異なるバイトを割り当てています", ASK_FIRMWARE],
  "record-address": ["最後のアドレスを超える行があります", ASK_FIRMWARE],
  "elf-form": ["ELFファイルが壊れています", COPY_AGAIN],
  "elf-target": ["ELFファイルが別の種類のチップ用です", CHOOSE_OTHER],
  "elf-kind": ["ELFファイルがリンク済みのプログラムではありません", "何も書き込まれていません。リンカーが出力したファイルを選んでください。"],
  "elf-segments": ["ELFファイルのセグメントが多すぎます", CHOOSE_OTHER],
  "elf-segment": ["ELFファイルに不完全なセグメントがあります", COPY_AGAIN],
  "elf-address": ["ELFファイルのセグメントが最後のアドレスを超えています", ASK_FIRMWARE],
  "elf-overlap": ["ELFファイルの2つのセグメントが1つのアドレスに異なるバイトを割り当てています", ASK_FIRMWARE],
};
/** @param {string} title @param {import("../../contract.js").Problem} p */
export const inFile = (title, p) => (p.line != null ? `${title}（${p.line}行目）` : p.address != null ? `${title}（アドレス 0x${p.address.toString(16)}）` : title);
