// The interface in Traditional Chinese, made from the Simplified: `npm run traditional` after a change of a zh-cn file.
// The files are committed; with `--check` nothing is written, and the exit code says whether they are in step.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Converter } from 'opencc-js';

const sources = ['package.nls.zh-cn.json', 'l10n/bundle.l10n.zh-cn.json'];

/**
 * What OpenCC does not know of: Taiwan's quotation marks, and words that VS Code's own Traditional Chinese, or people who
 * speak of models, have otherwise.
 *
 * @type {[RegExp, string][]}
 */
const corrections = [
  [/“/g, '「'],
  [/”/g, '」'],
  [/‘/g, '『'],
  [/’/g, '』'],
  [/臺(?=電腦)/g, '台'],
  [/型別/g, '類型'],
  [/引數/g, '參數'],
  [/純文本/g, '純文字'],
  [/隻讀/g, '唯讀'],
  [/日誌/g, '記錄檔'],
  [/檢視記錄檔/g, '查看記錄檔'],
  [/單擊/g, '按一下'],
  [/懸停說明/g, '工具提示'],
  [/許可證/g, '授權'],
  [/許可權/g, '權限'],
  [/按回車時/g, '按 Enter 時'],
  [/生成/g, '產生'],
  [/(安裝|需要)的庫/g, '$1的程式庫'],
  [/撤銷/g, '復原'],
  [/新建/g, '新增'],
  [/(\d 位)(?!元)/g, '$1元'],
  [/校驗/g, '驗證'],
  [/當前/g, '目前'],
  [/終端(?!機)/g, '終端機'],
  [/運行於/g, '執行於'],
  [/選中/g, '選取'],
  [/列表/g, '清單'],
  [/單詞/g, '單字'],
  [/分詞/g, '斷詞'],
  [/檔案管理器/g, '檔案管理員'],
  [/驅動(?!程式)/g, '驅動程式'],
  [/內聯建議/g, '內嵌建議'],
];

const convert = Converter({ from: 'cn', to: 'twp' });

/** @param {string} text @returns {string} */
const inTraditional = (text) => corrections.reduce((left, [from, to]) => left.replace(from, to), convert(text));

let behind = 0;
for (const source of sources) {
  const file = source.replace('zh-cn', 'zh-tw');
  /** @type {Record<string, string>} */
  const words = JSON.parse(readFileSync(source, 'utf8'));
  const converted = Object.entries(words).map(([key, text]) => [key, inTraditional(text)]);
  const json = `${JSON.stringify(Object.fromEntries(converted), null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === json) continue;
  behind++;
  if (!process.argv.includes('--check')) writeFileSync(file, json);
}
if (process.argv.includes('--check') && behind > 0) {
  console.error('The zh-tw files lag behind those in zh-cn: npm run traditional');
  process.exitCode = 1;
}
