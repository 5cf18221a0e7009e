const st = window.st, el = st.el, box = element.querySelector('.health');
const input = props => el('input', { class: 'inp', ...props });
const select = (options, value, props = {}) => { const s = el('select', { class: 'inp', ...props }, ...options.map(o => el('option', { value: o }, o))); s.value = value; return s; };
const button = (text, fn, cls = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn }, text);
const card = (title, note, ...children) => el('section', { class: 'hcard' }, el('div', { class: 'hd' }, el('h2', {}, title), note ? el('p', {}, note) : ''), ...children);
const row = (name, text, ...acts) => el('li', {}, el('span', { class: 'cn' }, name), el('div', {}, el('p', {}, text)), el('span', { class: 'acts' }, ...acts));
const list = rows => el('ul', { class: 'checks' }, ...rows);
const line = (...children) => el('form', { class: 'gbar three', onsubmit: e => e.preventDefault() }, ...children);
const day = t => t ? new Date(t).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }) : 'never';
const minute = t => new Date(t).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const field = (label, control) => el('label', { class: 'field' }, el('span', {}, label), control);
const act = async (method, path, body, said) => { const a = await st.rest(method, path, body); if (a !== null) { if (said) st.toast('ok', said); refresh(); } return a; };
/* Shown once, and gone with the next look: nobody can be told it again. */
let told = '';
const once = (what, secret) => { told = secret; refresh(what); };
const shown = (what, note) => el('div', {}, el('p', { class: 'said' }, note), el('div', { class: 'mend' }, el('code', {}, told), button('Copy ' + what, async e => { try { await navigator.clipboard.writeText(told); e.target.textContent = 'Copied'; } catch (x) { st.toast('ok', 'Copy it by hand.'); } })));
const out = (me, everywhere) => {
  const form = el('form', { method: 'post', action: '/sign-out' }, el('input', { type: 'hidden', name: 'csrf', value: me.csrf }), el('input', { type: 'hidden', name: 'everywhere', value: everywhere ? 'true' : 'false' }));
  document.body.append(form); form.submit();
};
const account = (me, sessions) => {
  const old = input({ type: 'password', autocomplete: 'current-password', placeholder: 'Old password', 'aria-label': 'Old password' });
  const fresh = input({ type: 'password', autocomplete: 'new-password', placeholder: 'New password', 'aria-label': 'New password' });
  return card(me.name, 'Tier ' + me.tier + (me.is_admin ? ', administers this studio' : '') + ' · signed in on ' + sessions.length + (sessions.length === 1 ? ' browser' : ' browsers'),
    line(old, fresh, button('Change password', async () => { if (await st.rest('POST', '/account/password', { old: old.value, new: fresh.value }) !== null) location.href = '/sign-in'; })),
    el('div', { class: 'drow' }, button('Sign out', () => out(me, false)), button('Sign out everywhere', () => out(me, true), 'bad')));
};
const tokens = (rows, what) => {
  const name = input({ placeholder: 'Which program', 'aria-label': 'Name of the token', maxlength: 80 }), days = input({ type: 'number', min: 1, max: 366, value: 90, 'aria-label': 'Days it lasts' });
  const now = Date.now(), live = rows.filter(t => !t.revoked_at && new Date(t.expires_at) > now);
  return card('Tokens', 'So that programs may come in: sent as “Authorization: Bearer cw_…”.',
    line(field('For', name), field('Days it lasts', days), button('Make a token', async () => { const a = await st.rest('POST', '/tokens', { name: name.value, days: Number(days.value) }); if (a) once('token', a.token); })),
    what === 'token' ? shown('token', 'Copy it now: it is not shown again.') : '',
    live.length ? list(live.map(t => row(t.name, t.start + '… · used ' + day(t.used_at) + ' · until ' + day(t.expires_at), button('Revoke', () => act('DELETE', '/tokens/' + t.id, null, 'Revoked'), 'bad')))) : el('p', { class: 'none' }, 'No token yet: no program can come in.'));
};
const team = (t, me, what) => {
  const owner = t.role === 'owner' || me.is_admin, role = select(['viewer', 'editor', 'owner'], 'editor', { 'aria-label': 'Role of the invited' });
  const acts = m => [owner ? Object.assign(select(['viewer', 'editor', 'owner'], m.role, { 'aria-label': 'Role of ' + m.name }), { onchange: e => act('PATCH', '/teams/' + t.id + '/members/' + m.user_id, { role: e.target.value }, 'Role changed') }) : m.role,
    owner && m.user_id !== me.user_id ? button('Remove', () => act('DELETE', '/teams/' + t.id + '/members/' + m.user_id, null, 'Removed'), 'bad') : ''];
  return card(t.name, 'Owners run a team, editors change what is shared with it, viewers look and listen.',
    list(t.members.map(m => row(m.name, 'since ' + day(m.joined_at), ...acts(m)))),
    owner ? el('div', { class: 'drow asks' }, el('span', {}, 'Invite somebody as'), role, button('Invite', async () => { const a = await st.rest('POST', '/teams/' + t.id + '/invitations', { role: role.value }); if (a) once('invitation ' + t.id, a.code); })) : '',
    what === 'invitation ' + t.id ? shown('invitation', 'Send it to the person you invite, who enters it under Teams. It is not shown again.') : '',
    owner ? list(t.invitations.map(i => row('Invitation', i.role + ', until ' + day(i.expires_at), button('Withdraw', () => act('DELETE', '/teams/' + t.id + '/invitations/' + i.id, null, 'Withdrawn'))))) : '',
    el('div', { class: 'drow' }, t.role ? button('Leave', () => { if (confirm('Leave "' + t.name + '"?')) act('POST', '/teams/' + t.id + '/leave', null, 'Left'); }) : '',
      owner ? button('Delete team', () => { if (confirm('Delete "' + t.name + '"? What was shared with it goes back to its owners.')) act('DELETE', '/teams/' + t.id, null, 'Deleted'); }, 'bad') : ''));
};
const teams = () => {
  const name = input({ placeholder: 'Name of a new team', 'aria-label': 'Name of a new team', maxlength: 80 }), code = input({ placeholder: 'An invitation: join_…', 'aria-label': 'Invitation' });
  return card('Teams', 'Share pieces from their details; a team sees what was shared with it.',
    line(name, button('Make a team', () => act('POST', '/teams', { name: name.value }, 'Made'))),
    line(code, button('Join', () => act('POST', '/teams/join', { code: code.value.trim() }, 'Joined'))));
};
const users = (rows, me) => {
  const name = input({ placeholder: 'Name', 'aria-label': 'Name of the new user', autocomplete: 'off' }), word = input({ type: 'password', autocomplete: 'new-password', placeholder: 'Password', 'aria-label': 'Password of the new user' });
  return card('Users', 'Who may sign in, and what each may make.',
    line(name, word, button('Add', () => act('POST', '/users', { name: name.value, password: word.value }, 'Added'))),
    list(rows.map(u => row(u.name, (u.is_admin ? 'admin · ' : '') + (u.active ? '' : 'disabled · ') + 'seen ' + day(u.seen_at),
      Object.assign(select(['free', 'pro', 'studio'], u.tier, { 'aria-label': 'Tier of ' + u.name }), { onchange: e => act('PATCH', '/users/' + u.name, { tier: e.target.value }, 'Tier changed') }),
      u.id === me.user_id ? '' : button(u.active ? 'Disable' : 'Let in', () => act('PATCH', '/users/' + u.name, { active: !u.active }, u.active ? 'Disabled' : 'Let in'), u.active ? 'bad' : '')))));
};
const trail = rows => card('What was done', 'Sign-ins, shares, purchases, deletions; the newest first.', list(rows.map(a => row(minute(a.at), a.user + ' ' + a.words + (a.detail.name && a.detail.name !== a.user ? ' “' + a.detail.name + '”' : '') + (a.detail.usd ? ' for $' + a.detail.usd : '') + (a.address ? ' from ' + a.address : '')))));
const refresh = async (what = '') => {
  const me = await st.rest('GET', '/account'); if (!me) return;
  const [sessions, keys, mine, audit, everybody] = await Promise.all([st.rest('GET', '/account/sessions'), st.rest('GET', '/tokens'), st.rest('GET', '/teams'), st.rest('GET', '/audit?limit=40'), me.is_admin ? st.rest('GET', '/users') : []]);
  const whole = await Promise.all((mine || []).map(t => st.rest('GET', '/teams/' + t.id)));
  box.replaceChildren(...st.columns([me.name ? account(me, sessions || []) : '', teams(), ...whole.filter(Boolean).map(t => team(t, me, what)), me.is_admin ? users(everybody || [], me) : ''], [me.name ? tokens(keys || [], what) : '', trail(audit || [])]));
  if (!what) told = '';
};
st.hear('st:view', v => { if (v.page === 'team') refresh(); });
if (st.view() === 'team') refresh();
