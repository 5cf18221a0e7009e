const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('.lf'), check = q('.lv'), what = check.elements.what;
const KIND = { valid: 'good', expiring: 'warn', upcoming: '', expired: 'bad', revoked: 'bad', unknown: 'warn' };
const WORD = { unknown: 'not confirmed', expiring: 'ends soon' };
let licences = [], turn = 0, sure = '';
const title = name => (props.titles || {})[name] || name;
const pill = s => el('span', { class: 'pill ' + (KIND[s] || '') }, WORD[s] || s);
const name = l => l.title || (l.track_id === '*' ? 'Everything at ' + title(l.provider) : l.track_id);
const covers = l => [l.platforms.length ? l.platforms.join(', ') : 'every platform', l.territories.length ? l.territories.join(', ') : 'worldwide', l.channels.length ? 'channels ' + l.channels.join(', ') : '', l.commercial ? 'commercial' : 'not commercial', l.derivatives ? '' : 'only as it is', l.single_use ? 'one piece' : '', l.keeps_published ? 'what was published stays covered' : '', l.audience_max ? 'up to ' + l.audience_max.toLocaleString() + ' people' : ''].filter(Boolean).join(' · ');
const row = l => el('tr', { 'data-licence': l.id, 'data-status': l.status },
  el('td', {}, el('b', {}, name(l)), el('small', {}, [l.artist, title(l.provider), l.kind, Number(l.price_usd) ? '$' + Number(l.price_usd).toFixed(2) : '', l.certificate ? 'certificate ' + l.certificate : ''].filter(Boolean).join(' · '))),
  el('td', {}, el('small', {}, covers(l)), l.uses ? el('small', { class: 'lt-uses' }, l.uses === 1 ? '1 published use rests on it' : l.uses + ' published uses rest on it') : ''),
  el('td', {}, el('span', { class: 'num' }, l.ends_on || 'never'), l.ends_on && l.zone !== 'UTC' ? el('small', {}, 'in ' + l.zone) : ''),
  el('td', {}, pill(l.status), l.status_why ? el('small', {}, ' ' + l.status_why) : '', l.proof_name ? el('small', {}, 'proof: ', l.proof_asset_id ? el('a', { href: '/api/audio-studio/library/' + encodeURIComponent(l.proof_asset_id) + '/file', download: l.proof_name }, l.proof_name) : l.proof_name) : ''),
  el('td', { class: 'ra' }, el('div', { class: 'acts' },
    l.track_id === '*' ? '' : el('button', { type: 'button', class: 'tb', 'aria-label': 'Check a use of ' + name(l), onclick: () => { what.value = 't:' + l.provider + ':' + l.track_id; check.scrollIntoView({ block: 'nearest' }); validate(); } }, 'Check'),
    l.status === 'unknown' && l.track_id !== '*' ? el('button', { type: 'button', class: 'tb', onclick: () => st.tell('st:license', { track: { provider: l.provider, id: l.track_id } }) }, 'Bought?') : '',
    l.status === 'revoked' || !l.mine ? '' : el('button', { type: 'button', class: 'tb', 'aria-label': 'Add the proof of ' + name(l), onclick: () => st.licenceProof(l.id, name(l)) }, l.proof_name ? 'Other proof…' : 'Proof…'),
    l.status === 'revoked' || l.status === 'unknown' || !l.mine ? '' : el('button', { type: 'button', class: 'tb bad', 'aria-label': 'Revoke the licence of ' + name(l), onclick: e => revoke(l, e.currentTarget) }, sure === l.id ? forGood(l) : 'Revoke'))));
/* The paper that proves it: into the library as a document, then to the licence. */
const paper = el('input', { type: 'file', hidden: true, 'aria-label': 'Proof of a licence', accept: '.pdf,.txt,.csv,.png,.jpg,.jpeg' });
element.append(paper);
let proves = null;
st.licenceProof = (id, words) => { proves = { id, words }; paper.value = ''; paper.click(); };
paper.addEventListener('change', async () => {
  const file = paper.files[0], wanted = proves;
  if (!file || !wanted) return;
  const data = new FormData(); data.append('kind', file.type.startsWith('image/') ? 'image' : 'document'); data.append('name', file.name.slice(0, 200)); data.append('file', file, file.name);
  const kept = await st.send('POST', '/api/audio-studio/library', data);
  const a = kept && await st.rest('PUT', '/music-licensing/licenses/' + wanted.id + '/proof', { asset_id: kept.id });
  if (a) { st.toast('ok', 'The proof is kept', wanted.words + ' · ' + a.proof_name); st.tell('st:licences'); }
});
/* What cannot be taken back asks once more, in its own place, also when the list is read anew between the two. */
const forGood = l => l.uses ? 'Revoke: ' + l.uses + (l.uses === 1 ? ' use loses it' : ' uses lose it') : 'Revoke for good?';
const revoke = async (l, b) => {
  if (sure !== l.id) { sure = l.id; b.textContent = forGood(l); return; }
  b.disabled = true; sure = '';
  const a = await st.rest('POST', '/music-licensing/licenses/' + l.id + '/revoke', { why: 'revoked by hand' });
  if (a) { st.toast('ok', 'It counts no more', name(l)); st.tell('st:licences'); }
};
const refresh = async () => {
  const mine = ++turn, status = q('[name=status]').value;
  const [all, mineOwn] = await Promise.all([st.rest('GET', '/music-licensing/licenses?limit=1000' + (status ? '&status=' + status : '')), st.ask(server, 'lic_pieces', {}, true)]);
  if (!all || mine !== turn) return;
  licences = all.licences;
  q('tbody').replaceChildren(...licences.map(row));
  q('table').hidden = !licences.length; q('.none').hidden = licences.length > 0;
  const chosen = what.value, tracks = new Map(licences.filter(l => l.track_id !== '*').map(l => ['t:' + l.provider + ':' + l.track_id, name(l) + ' · ' + title(l.provider)]));
  const group = (label, pairs) => pairs.length ? [el('optgroup', { label }, ...pairs.map(([v, words]) => el('option', { value: v }, words)))] : [];
  what.replaceChildren(...group('Pieces of the library', ((mineOwn && mineOwn.pieces) || []).map(p => ['a:' + p.id, p.name])), ...group('Projects as they stand', ((mineOwn && mineOwn.projects) || []).map(p => ['p:' + p.id, p.name])), ...group('Licensed tracks', [...tracks]));
  if (!what.options.length) what.append(el('option', { value: '' }, 'Nothing to check yet'));
  if ([...what.options].some(o => o.value === chosen)) what.value = chosen;
};
const list = (heading, lines) => lines.length ? [el('h3', {}, heading), el('ul', {}, ...lines.map(t => el('li', {}, t)))] : [];
const validate = async () => {
  const [kind, ...rest] = what.value.split(':'), f = check.elements;
  if (!rest.length) return;
  const body = { platform: f.platform.value, commercial: f.commercial.checked, territory: f.territory.value.trim() || 'worldwide', ...(kind === 'a' ? { asset_id: rest.join(':') } : kind === 'p' ? { project_id: rest.join(':') } : { provider: rest[0], track_id: rest.slice(1).join(':') }) };
  const a = await st.rest('POST', '/music-licensing/validate', body);
  if (!a) return;
  const paper = (words, path, more) => ['pdf', 'csv', 'json'].map(form => el('a', { class: 'tb', href: '/api/music-licensing/' + path + '?' + new URLSearchParams({ form, ...more }), download: '' }, words + ' (' + form.toUpperCase() + ')'));
  q('.lv-out').replaceChildren(el('div', { class: 'lv-v ' + (a.valid ? 'good' : 'bad') }, el('b', {}, a.valid ? 'Yes: it may be published like that.' : 'No: not like that.'),
    ...list('Why not', a.reasons), ...list('What would clear it', a.steps), ...list('Credits to publish', a.credits), ...list('Codes to give', a.codes),
    a.licence_ids.length ? el('small', {}, 'It rests on ' + a.licence_ids.map(id => { const l = licences.find(x => x.id === id); return l ? name(l) + (l.ends_on ? ' (until ' + l.ends_on + ')' : '') : 'another licence'; }).join(', ') + '.') : ''),
    body.asset_id ? el('div', { class: 'acts' }, ...paper('Cue sheet', 'cue-sheet/' + encodeURIComponent(body.asset_id), { platform: body.platform, commercial: body.commercial })) : '',
    body.project_id ? el('div', { class: 'acts' }, ...paper('Report', 'report', { project_id: body.project_id })) : '');
};
check.addEventListener('submit', e => { e.preventDefault(); validate(); });
const zones = el('datalist', { id: 'lf-zones' }, ...(Intl.supportedValuesOf ? Intl.supportedValuesOf('timeZone') : []).map(z => el('option', { value: z })));
form.append(zones);
const toggle = on => { form.hidden = !on; q('[data-act=new]').setAttribute('aria-expanded', on); if (on) { form.elements.track_id.focus(); form.scrollIntoView({ block: 'nearest' }); } };
form.addEventListener('submit', async e => {
  e.preventDefault();
  const f = new FormData(form), many = n => String(f.get(n) || '').split(',').map(t => t.trim()).filter(Boolean), body = { platforms: f.getAll('platforms'), territories: many('territories'), channels: many('channels') };
  for (const n of ['provider', 'track_id', 'title', 'artist', 'kind', 'starts_on', 'ends_on', 'zone', 'certificate', 'code', 'attribution']) if (String(f.get(n)).trim()) body[n] = String(f.get(n)).trim();
  for (const n of ['commercial', 'derivatives', 'single_use', 'keeps_published']) body[n] = f.has(n);
  const usd = String(f.get('price_usd')).trim().replace(/^\$/, ''); if (usd) body.price_usd = usd;
  const a = await st.rest('POST', '/music-licensing/licenses', body);
  if (!a) return;
  st.toast('ok', 'The licence is entered', name(a)); form.reset(); toggle(false); st.tell('st:licences');
});
q('[name=status]').addEventListener('change', refresh);
st.wire(element, act => { if (act === 'new') toggle(form.hidden); if (act === 'close') toggle(false); });
st.hear('st:licence-new', t => { form.reset(); toggle(true); for (const [n, v] of [['provider', t.provider], ['track_id', t.id], ['title', t.title], ['artist', t.artist], ['attribution', t.terms.attribution], ['price_usd', t.price]]) form.elements[n].value = v || ''; form.elements.certificate.focus(); });
const again = () => { if (st.view() === 'licensing' && st.licensing === 'licences') { refresh(); if (q('.lv-out').childNodes.length) validate(); } };
st.hear('st:licences', again); st.hear('st:licensing', again); st.hear('st:view', again);
