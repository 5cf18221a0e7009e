/* 'use' */
window.st.wire(element, (act, data) => trigger('use', { field: data.field, value: data.value }));
