/** What a text shows of its style, counted. Counts of parts add up, so that a style is found without reading all of it. */

/** Full-width marks that have half-width forms, each at the same index. */
export const fullMarks = '，。？！：；（）';
export const halfMarks = ',.?!:;()';

/** From a letter or digit to its wide form: A and Ａ. */
export const wideOffset = 0xfee0;

export interface StyleCounts {
  /** Characters that only simplified, or only traditional Chinese has. */
  simplified: number;
  traditional: number;
  /** Those characters of `placePairs` and `freePairs` that occur, in the order of appearance. */
  variants: string;
  curlyQuotes: number;
  cornerQuotes: number;
  straightQuotes: number;
  /** For each of `fullMarks`, how often the mark follows Chinese: full-width, and half-width. */
  full: number[];
  half: number[];
  /** Half-width marks between Chinese with a space behind them. */
  halfGaps: number;
  /** Borders between a Han character and a Latin letter: with one space, and without. */
  spaced: number;
  unspaced: number;
  /** The same of digits: many a writer who sets Word off by spaces writes 2026年. */
  digitsSpaced: number;
  digitsUnspaced: number;
}

/** The commonest characters that differ. Those that both forms share (后, 里, 台, 干) tell nothing and are not here. */
const simplifiedCharacters =
  '们这个来时说国会对过发经么学动样还实现开问关没点门间见听边东从长车书马风飞鸟鱼龙爱岁处头乐业义云亲儿万与专严丰为举产亿仅价众优传伤体儿兴写农决况净减几击创办务劳势区医华单卖卢压厅历县参双变号吗员响哑团园围图圆场坏块坚声备复够夺奋妇妈宁宝宽宾对寻导将尽层属岛带师帮广庆应庙归录忆忧怀态总恋恶悬惊愿战户担择拥拟挂挥损换摄摆敌数斋断无旧显晓术机杀权条极构标树桥梦检楼欢残气汉汤沟泪洁浅测济浓涛润涨温湾湿满灭灯灵烟烦烧热犹独猫现环电画疗盘矿码确碍礼离种积称稳穷竖笔笼类红约级纪纯纸纹线练组细终绍结绕给绝统继绩续维绿缓编缘缩网罗罢肠胜脏脑脸艺节芦苏苹荐药莲获营萧蓝虑虽补装觉览观规视计订认讨让训议记许论设访证评识诉词译试话诚该详语误请诸读课谁调谈谢谱负财责败货质贫购贯贵费贺资赏赖赛赞趋跃踪轨转轮软轻载较辉辑输辞达迁运进远违连迟适选递遗邻郑释针钟钢钱铁银锅错锦键镇镜闪闭闲闹闻阅队阳阴阵阶际陆陈险随难雾静顶项顺须顾顿预领频题颜额饭饮馆驱验骑鲜鸡鸣麦黄齐齿';
const traditionalCharacters =
  '們這個來時說國會對過發經麼學動樣還實現開問關沒點門間見聽邊東從長車書馬風飛鳥魚龍愛歲處頭樂業義雲親兒萬與專嚴豐為舉產億僅價眾優傳傷體興寫農決況淨減幾擊創辦務勞勢區醫華單賣盧壓廳歷縣參雙變號嗎員響啞團園圍圖圓場壞塊堅聲備復夠奪奮婦媽寧寶寬賓尋導將盡層屬島帶師幫廣慶應廟歸錄憶憂懷態總戀惡懸驚願戰擔擇擁擬掛揮損換據攝擺敵數齋斷無舊顯曉術機殺權條極構標樹橋夢檢樓歡殘氣漢湯溝淚潔淺測濟濃濤潤漲灣濕滿滅燈靈煙煩燒熱猶獨貓環電畫療盤礦碼確礙禮離種積稱穩窮豎筆籠類紅約級紀純紙紋線練組細終紹結繞給絕統繼績續維綠緩編緣縮網羅罷腸勝臟腦臉藝節蘆蘇蘋薦藥蓮獲營蕭藍慮雖補裝覺覽觀規視計訂認討讓訓議記許論設訪證評識訴詞譯試話誠該詳語誤請諸讀課誰調談謝譜負財責敗貨質貧購貫貴費賀資賞賴賽贊趨躍蹤軌轉輪軟輕載較輝輯輸辭達遷運進遠違連遲適選遞遺鄰鄭釋針鐘鋼錢鐵銀鍋錯錦鍵鎮鏡閃閉閒鬧聞閱隊陽陰陣階際陸陳險隨難霧靜頂項順須顧頓預領頻題顏額飯飲館驅驗騎鮮雞鳴麥黃齊齒';

/** Pairs of traditional forms: as Taiwan writes, and as Hong Kong does. */
export const placePairs = '裡裏著着衛衞群羣峰峯床牀麵麪';
/** Pairs of which a text may write either wherever it comes from, the commoner one first. */
export const freePairs = '為爲台臺線綫說説溫温戶户脫脱稅税閱閲鉤鈎敘敍';

/** What a character is to the counts. One of none of these kinds is `other`; 0 is one that has not been met. */
const kinds = {
  other: 1,
  simplified: 2,
  traditional: 4,
  variant: 8,
  han: 16,
  latin: 32,
  /** Chinese that is no character: a mark may follow. */
  closing: 64,
  mark: 128,
  digit: 256,
} as const;

/** Of the characters of the first plane, as far as they have been met. */
const known = new Uint16Array(0x10000);

/** About 0.1 ms for a text of 4,000 characters, in one pass: it is done at each key. */
export function countStyle(text: string): StyleCounts {
  const counts = noCounts();
  let before: number = kinds.other;
  for (let i = 0; i < text.length; i++) {
    const start = i;
    const code = text.codePointAt(i) as number;
    if (code > 0xffff) i++;
    const kind = kindOf(code);
    if (kind & kinds.simplified) counts.simplified++;
    else if (kind & kinds.traditional) counts.traditional++;
    if (kind & kinds.variant) counts.variants += String.fromCodePoint(code);
    const behind = code === 0x20 ? kindAt(text, i + 1) : kind;
    if (meet(before, behind, kinds.latin)) counts[code === 0x20 ? 'spaced' : 'unspaced']++;
    else if (meet(before, behind, kinds.digit)) counts[code === 0x20 ? 'digitsSpaced' : 'digitsUnspaced']++;
    else if (code === 0x22) counts.straightQuotes++;
    else if (code === 0x201c || code === 0x201d) counts.curlyQuotes++;
    else if (code === 0x300c || code === 0x300d) counts.cornerQuotes++;
    if (kind & kinds.mark && before & (kinds.han | kinds.closing)) countMark(text, start, before, counts);
    before = kind;
  }
  return counts;
}

/** A mark that hangs on Chinese. A half-width point only where no letter follows: 例.com is an address. */
function countMark(text: string, at: number, before: number, counts: StyleCounts): void {
  const mark = text.charAt(at);
  const full = fullMarks.indexOf(mark);
  if (full >= 0) {
    increment(counts.full, full);
    return;
  }
  const isBetween = before & kinds.han && !'()'.includes(mark);
  if (isBetween && text[at + 1] === ' ' && kindAt(text, at + 2) & kinds.han) counts.halfGaps++;
  if (mark !== '.' || !/[\w.]/.test(text.charAt(at + 1))) increment(counts.half, halfMarks.indexOf(mark));
}

function meet(left: number, right: number, kind: number): boolean {
  const both = left | right;
  return (both & kinds.han) !== 0 && (both & kind) !== 0;
}

function kindAt(text: string, index: number): number {
  return index < text.length ? kindOf(text.codePointAt(index) as number) : kinds.other;
}

function kindOf(code: number): number {
  if (code > 0xffff) return findKind(code);
  return known[code] || (known[code] = findKind(code));
}

function findKind(code: number): number {
  const character = String.fromCodePoint(code);
  if (/[A-Za-z]/.test(character)) return kinds.latin;
  if (/[0-9]/.test(character)) return kinds.digit;
  if ((fullMarks + halfMarks).includes(character)) return kinds.mark | (character === '）' ? kinds.closing : 0);
  if ('”’」』》"'.includes(character)) return kinds.closing;
  // The common ones without Unicode's tables, whose first use takes a millisecond.
  const isCommon = code >= 0x4e00 && code <= 0x9fff;
  if (!isCommon && (code < 0x2e80 || !/\p{Script=Han}/u.test(character))) return kinds.other;
  const [simplified, traditional] = [simplifiedCharacters, traditionalCharacters].map((all) => all.includes(character));
  const script = simplified === traditional ? 0 : simplified ? kinds.simplified : kinds.traditional;
  return kinds.han | script | ((placePairs + freePairs).includes(character) ? kinds.variant : 0);
}

export function addCounts(one: StyleCounts, other: StyleCounts): StyleCounts {
  const sum = (a: number[], b: number[]) => a.map((value, i) => value + (b[i] ?? 0));
  return {
    simplified: one.simplified + other.simplified,
    traditional: one.traditional + other.traditional,
    variants: one.variants + other.variants,
    curlyQuotes: one.curlyQuotes + other.curlyQuotes,
    cornerQuotes: one.cornerQuotes + other.cornerQuotes,
    straightQuotes: one.straightQuotes + other.straightQuotes,
    full: sum(one.full, other.full),
    half: sum(one.half, other.half),
    halfGaps: one.halfGaps + other.halfGaps,
    spaced: one.spaced + other.spaced,
    unspaced: one.unspaced + other.unspaced,
    digitsSpaced: one.digitsSpaced + other.digitsSpaced,
    digitsUnspaced: one.digitsUnspaced + other.digitsUnspaced,
  };
}

function noCounts(): StyleCounts {
  const zeros = () => Array.from(fullMarks, () => 0);
  return {
    ...{ simplified: 0, traditional: 0, variants: '', curlyQuotes: 0, cornerQuotes: 0, straightQuotes: 0 },
    ...{ full: zeros(), half: zeros(), halfGaps: 0 },
    ...{ spaced: 0, unspaced: 0, digitsSpaced: 0, digitsUnspaced: 0 },
  };
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
