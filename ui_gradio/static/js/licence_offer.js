const st = window.st, el = st.el, box = element.querySelector('dialog'), room = element.querySelector('.lco');
let now = null, asking = false;
const STANDING = { valid: 'good', expiring: 'warn', upcoming: '', expired: 'bad', revoked: 'bad', unknown: 'warn' };
/* An address comes from a catalogue: only a web page is linked to. */
const link = (address, words) => /^https?:\/\//i.test(address || '') ? el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, words) : '';
const button = (words, fn, kind = '') => el('button', { type: 'button', class: 'tb ' + kind, onclick: fn }, words);
const field = (title, name, more = {}) => el('label', { class: 'field' }, el('span', {}, title), el('input', { class: 'inp', name, ...more }));
const value = name => room.querySelector('[name=' + name + ']').value.trim();
const told = () => st.tell('st:licences');

const bring = async b => {
  b.disabled = true;
  const a = await st.rest('POST', '/music-licensing/tracks', { provider: now.provider, track_id: now.id, form: 'full' });
  b.disabled = false; if (!a) return;
  st.toast('ok', 'It is being fetched', 'You find it in the library under Licensed music.'); st.follow(a.jobId || a.job_id, true); box.close();
};
const order = async () => {
  const usd = value('price').replace(/^\$/, '');
  const a = await st.rest('POST', '/music-licensing/orders', { provider: now.provider, track_id: now.id, title: now.title.slice(0, 200), artist: now.artist.slice(0, 200), kind: ['per-track', 'per-project', 'subscription'].includes(now.terms.kind) ? now.terms.kind : 'per-track', price_usd: usd || '0', commercial: now.terms.commercial, derivatives: now.terms.derivatives, attribution: now.terms.attribution.slice(0, 1000) });
  if (a) { st.toast('ok', '$' + Number(a.price_usd).toFixed(2) + ' is held', 'Buy the licence at ' + now.catalogue + ', then say so here.'); told(); }
};
const bought = async id => { const usd = value('paid').replace(/^\$/, ''); const a = await st.rest('POST', '/music-licensing/orders/' + id + '/bought', { ...(usd ? { price_usd: usd } : {}), certificate: value('certificate'), code: value('code') }); if (a) { st.toast('ok', 'The licence counts', a.title); told(); } };
const notBought = async id => { const a = await st.rest('DELETE', '/music-licensing/orders/' + id); if (a !== null) { st.toast('ok', 'Nothing was bought', 'The money that was held is free again.'); told(); } };

const waiting = h => [el('h3', {}, 'Ordered: $' + Number(h.price).toFixed(2) + ' is held under your caps'),
  el('p', {}, 'Once it is bought, enter what the receipt says. Until then it covers nothing.'),
  el('div', { class: 'two' }, field('Paid ($), if another price', 'paid', { inputmode: 'decimal', placeholder: Number(h.price).toFixed(2) }), field('Certificate', 'certificate', { maxlength: '200' })),
  field('Code for the platform, if there is one', 'code', { maxlength: '100' }),
  el('p', { class: 'lco-proof' }, h.proof ? 'Proof: ' + h.proof + ' ' : 'The receipt or the licence’s paper is its proof. ', button(h.proof ? 'Another file…' : 'Add the proof…', () => st.licenceProof(h.id, now.title))),
  el('div', { class: 'acts' }, button('I bought it', () => bought(h.id), 'ink'), button('I did not buy it', () => notBought(h.id)))];
const buying = a => [el('h3', {}, 'Buy a licence by hand'),
  a.steps.length ? el('ol', {}, ...a.steps.map(s => el('li', {}, s))) : el('p', {}, 'Buy it at ' + a.catalogue + ', then enter it here.'),
  el('div', { class: 'two lco-buy' }, field('Price ($)', 'price', { inputmode: 'decimal', value: a.price, placeholder: '0.00' }), button('Hold the price and buy', order, 'ink')),
  el('p', {}, 'The price is held under your caps until you say whether it was bought.'),
  el('div', { class: 'acts' }, button('I hold a licence already', () => { box.close(); st.licensingView('licences'); st.tell('st:licence-new', a); }))];
const draw = a => {
  now = a;
  const t = a.terms, ordered = a.held.find(h => h.ordered), covers = a.held.filter(h => !h.ordered);
  const get = button('Bring the full file in', e => bring(e.currentTarget), a.free ? 'ink' : '');
  room.replaceChildren(el('div', { class: 'hd' }, el('h2', {}, a.title), el('p', {}, [a.artist, a.catalogue].filter(Boolean).join(' · '))),
    el('p', { class: 'bd' }, el('em', {}, t.title || t.kind), el('em', { class: t.commercial ? '' : 'w' }, t.commercial ? 'commercial use' : 'no commercial use'), el('em', { class: t.derivatives ? '' : 'w' }, t.derivatives ? 'may be mixed and put to picture' : 'only as it is'), t.share_alike ? el('em', { class: 'w' }, 'share alike') : ''),
    t.attribution ? el('p', { class: 'lco-credit' }, 'Credit: ' + t.attribution) : '',
    t.conditions.length ? el('ul', {}, ...t.conditions.map(c => el('li', {}, c))) : '',
    el('p', { class: 'lco-links' }, link(t.url, 'Terms of the licence'), link(a.page, 'Page of the track')),
    covers.length ? el('p', {}, 'You hold: ', ...covers.map(h => el('span', { class: 'pill ' + (STANDING[h.status] || '') }, h.status + (h.ends_on ? ' until ' + h.ends_on : '')))) : '',
    ...(ordered ? waiting(ordered) : a.free ? [el('p', {}, 'There is nothing to buy: this licence is given to everybody who keeps to it.')] : buying(a)),
    el('div', { class: 'drow lco-foot' }, button('Close', () => box.close()), a.full ? get : el('small', {}, 'Its catalogue hands out no full file here: download it there and import it.')));
};
const open = async t => {
  asking = true;
  const a = await st.ask(server, 'lic_offer', { provider: t.provider, id: t.id });
  asking = false;
  if (!a) return;
  draw(a);
  if (!box.open) box.showModal();
};
st.hear('st:license', d => open(d.track));
st.hear('st:licences', () => { if (box.open && !asking) open(now); });
