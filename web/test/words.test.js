/**
 * Words that the page and its documents do not use: riddles and inventions
 * where the field has a term, and second terms for what has one already.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { languages } from '../lib/i18n.js';
import { list as filesOf, read } from './sources.js';

/** English phrases, with the term to use. @type {[RegExp, string][]} */
const english = [
  [/out of nothing/i, 'samples from the prior'],
  [/digits nobody wrote/i, 'samples from the prior'],
  [/(seen and|be) painted again|paints? (it|them|the picture) again/i, 'reconstruction'],
  [/where pictures lie/i, 'latent space'],
  [/price of the KL/i, 'weight of the KL divergence'],
  [/numbers that are none/i, 'NaN or infinity'],
  [/counterfeiter|faker/i, 'GAN'],
  [/\bas (it was )?drawn\b/i, 'reset'],
  [/(^|["*>] ?)others\b/i, 'new samples'],
  [/training room/i, 'Train'],
  [/\byour hand\b/i, 'Handwriting'],
  [/\bdrift(s|ed|ing)?\b/i, 'morph'],
  [/latent numbers?\b/i, 'latent dimensions, latent variables'],
  [/its (few )?numbers alone|in numbers\b/i, 'latent variables, posterior'],
  [/\bone moment\b/i, 'loading, preparing'],
  [/made[- ]up (digits|faces|pictures)/i, 'synthetic'],
  [/longest gradient/i, 'gradient clipping'],
  [/^black and white$/i, 'binarisation'],
  [/\bfree nats\b/i, 'free bits'],
  [/learnt by heart/i, 'overfitting'],
  [/\bnegative (ELBO|IWAE bound)|(ELBO|bound), negative/i, 'ELBO, bound, with their sign; loss for reconstruction error + KL'],
  [/(?<!`)\brecogniser/i, 'classifier'],
  [/divergence pull at/i, 'what the KL divergence does'],
  [/reconstruction term/i, 'reconstruction error'],
  [/high on purpose/i, 'meant to be high'],
];

/** Chinese words, with the term to use. @type {[RegExp, string][]} */
const chinese = [
  [/重建/, '重构'],
  [/隐变量|隐空间|潜在变量|潜在空间/, '潜变量，潜空间'],
  [/坍塌|崩塌|塌陷/, '坍缩'],
  [/批大小|批次大小|批量尺寸/, '批量大小'],
  [/梯度上限|梯度截断/, '梯度裁剪'],
  [/凭空/, '从先验采样'],
  [/无人写过/, '从先验采样'],
  [/训练室/, '训练'],
  [/模型馆/, '模型'],
  [/画室/, '绘制'],
  [/造假者/, 'GAN'],
  [/免费奈特/, '自由比特'],
  [/步长率|学习速率/, '学习率'],
  [/KL (的)?代价/, 'KL 散度的权重'],
  [/看到的与|重画/, '重构'],
  [/负 ?(ELBO|IWAE)/, 'ELBO；重构误差与 KL 之和称损失'],
  [/图像/, '图片'],
  [/[这每一 ]幅/, '张'],
  [/识别器/, '分类器'],
  [/你/, '您'],
  [/加载/, '载入'],
  [/抽样/, '采样'],
  [/潜点|潜维度|潜变量点|潜空间点/, '潜空间中的点，潜变量'],
  [/读作/, '识别为'],
  [/训练记录/, '运行记录'],
  [/从先验采样的(图片|样本)/, '先验样本'],
  [/高斯混合(?!分布)|混合模型/, '高斯混合分布'],
  [/ …/, '……'],
  [/自带的模型/, '附带的模型'],
];

/**
 * What a text says that it must not.
 *
 * @param {string} text
 * @param {[RegExp, string][]} list
 */
const found = (text, list) => list.flatMap(([word, term]) => (word.test(text) ? [`“${word.exec(text)?.[0]}”: say ${term}`] : []));

const root = new URL('../../', import.meta.url);
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'vae/RATIONALE.md', 'wasm/RATIONALE.md', 'web/RATIONALE.md'],
  ...['docs', 'web/models'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

for (const lang of Object.keys(languages)) {
  test(`no sentence of ${lang} has a word that must not come back`, () => {
    const list = lang === 'zh' ? chinese : english;
    const files = filesOf('locales').filter((name) => name.endsWith(`${lang}.json`));
    assert.ok(files.length > 1);
    assert.deepEqual(
      files
        .flatMap((name) => Object.entries(/** @type {Record<string, string>} */ (JSON.parse(read(`locales/${name}`)))))
        .flatMap(([key, sentence]) => found(sentence, list).map((f) => `${key}: ${f}`)),
      [],
    );
  });
}

test('nor has a title or description of a model', () => {
  const all = [];
  for (const file of ['models/index.json', 'models/gallery.json']) {
    for (const { name, title, about } of JSON.parse(read(file))) {
      for (const text of [title, about]) {
        all.push(...found(text.en, english), ...found(text.zh, chinese).map((f) => `${name}: ${f}`));
      }
    }
  }
  assert.deepEqual(all, []);
});

test('nor has the page before scripts run, nor a document', () => {
  const texts = [['index.html', read('index.html')], ...documents.map((name) => [name, readFileSync(new URL(name, root), 'utf8')])];
  assert.deepEqual(
    texts.flatMap(([name, text]) =>
      text
        .replace(/<!--[\s\S]*?-->|\b(id|class|for|href|data-[\w-]+)="[^"]*"/g, '')
        .split('\n')
        .flatMap((line) =>
          [...found(line, english), ...(/\p{Script=Han}/u.test(line) ? found(line, chinese) : [])].map((f) => `${name}: ${f}`),
        ),
    ),
    [],
  );
});

test('a planted word is found', () => {
  assert.equal(found('Pictures out of nothing', english).length, 1);
  assert.equal(found('Others', english).length, 1);
  assert.equal(found('the others', english).length, 0);
  assert.equal(found('模式坍塌', chinese).length, 1);
});
