using System.Net;

namespace LlmObserve.Mail.Templates;

/// <summary>What every mail says, in its order. All of it is text; <see cref="Html"/> escapes it.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Why">Why it comes.</param>
/// <param name="Action">What the link does.</param>
/// <param name="Link">Where it leads.</param>
/// <param name="Until">How long it does.</param>
/// <param name="Otherwise">What to do if it was not expected.</param>
internal sealed record Letter(string Title, string Why, string Action, Uri Link, string Until, string Otherwise)
{
    private const string Signature = "LLMObserve counts what language models cost, and stops at your limits.";

    /// <summary>As plain text.</summary>
    public string Text =>
        $"""
         {Why}

         {Action}:
         {Link.AbsoluteUri}

         {Until}

         {Otherwise}

         {"-- "}
         {Signature}

         """.ReplaceLineEndings("\r\n");

    /// <summary>
    /// As HTML: one column of at most 560 pixels that shrinks with its window; Outlook has no maximum width and gets the same by a table. Colours are
    /// both light and dark; programs that know no <c>prefers-color-scheme</c> show the light ones, or turn them around themselves.
    /// </summary>
    public string Html =>
        $$"""
          <!doctype html>
          <html lang="en">
          <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <meta name="supported-color-schemes" content="light dark">
          <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
          <title>{{Escape(Title)}}</title>
          <style>
          :root { color-scheme: light dark; supported-color-schemes: light dark; }
          @media (prefers-color-scheme: dark) {
            .page { background: #15171a !important; }
            .sheet { background: #1e2125 !important; border-color: #34383e !important; }
            .text { color: #e6e8ea !important; }
            .small { color: #a3a9b1 !important; }
            .button { background: #8ab4ff !important; color: #10131a !important; }
            .link { color: #8ab4ff !important; }
          }
          </style>
          </head>
          <body class="page" style="margin: 0; padding: 0; background: #f3f4f6;">
          <table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background: #f3f4f6;"><tr><td align="center" style="padding: 24px 12px;">
          <!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
          <table class="sheet" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width: 560px; background: #ffffff; border: 1px solid #dfe2e6; border-radius: 8px; border-collapse: separate;"><tr>
          <td align="left" style="padding: 28px 24px; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif; overflow-wrap: anywhere; word-break: break-word;">
          <h1 class="text" style="margin: 0 0 16px; font-size: 20px; line-height: 1.3; color: #16191d;">{{Escape(Title)}}</h1>
          <p class="text" style="margin: 0 0 24px; color: #16191d;">{{Escape(Why)}}</p>
          <p style="margin: 0 0 24px;"><a class="button" href="{{Escape(Link.AbsoluteUri)}}" style="display: inline-block; padding: 12px 20px; border-radius: 6px; background: #1d4ed8; color: #ffffff; font-weight: 600; text-decoration: none;">{{Escape(Action)}}</a></p>
          <p class="small" style="margin: 0 0 8px; font-size: 14px; color: #59616b;">{{Escape(Until)}} If the button does nothing, open this address:</p>
          <p style="margin: 0 0 24px; font-size: 14px;"><a class="link" href="{{Escape(Link.AbsoluteUri)}}" style="color: #1d4ed8;">{{Escape(Link.AbsoluteUri)}}</a></p>
          <p class="text" style="margin: 0 0 24px; color: #16191d;">{{Escape(Otherwise)}}</p>
          <p class="small" style="margin: 0; font-size: 13px; color: #59616b;">{{Escape(Signature)}}</p>
          </td></tr></table>
          <!--[if mso]></td></tr></table><![endif]-->
          </td></tr></table>
          </body>
          </html>

          """.ReplaceLineEndings("\r\n");

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
