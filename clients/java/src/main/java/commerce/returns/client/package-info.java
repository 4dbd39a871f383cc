/** Calls the Returns Service: files returns, pages through lists, follows events, and checks webhooks. */
package commerce.returns.client;
