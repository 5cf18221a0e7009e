/* 'preset' */
window.st.wire(element, (act, data) => trigger('preset', { id: data.id }));
