//! TwiML for messages: what a webhook's answer asks for.
//!
//! Reads `<Response>` with `<Message>` (text, or `<Body>` and `<Media>`) and `<Redirect>`; a plain-text
//! answer is one message. Errors are Twilio's codes; nothing is sent from here.

use roxmltree::{Document, Node};

/// One message an answer asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub body: String,
    /// Media to send along.
    pub media: Vec<String>,
    /// Who gets it, if not the one who wrote.
    pub to: Option<String>,
    /// Who it is from, if not the number that was texted.
    pub from: Option<String>,
    /// Where its statuses go.
    pub status_callback: Option<String>,
    /// Where TwiML goes on after it.
    pub action: Option<(String, String)>,
}

/// What an answer asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Messages, in order.
    pub replies: Vec<Reply>,
    /// Where to fetch more, and with which method.
    pub redirect: Option<(String, String)>,
    /// A warning that did not stop it.
    pub warning: Option<u32>,
}

/// The most messages one answer may send; more are dropped with warning 14109.
const MOST: usize = 10;

/// Reads an answer.
///
/// # Errors
/// 12300 for a content type that is neither XML nor text, 12100 for broken XML, 12102 when the root is not
/// `Response`, 14103 for a `<Message>` without text and media.
pub fn read(content_type: Option<&str>, body: &str) -> Result<Script, u32> {
    if body.trim().is_empty() {
        return Ok(Script::default());
    }
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/plain" => {
            Ok(Script { replies: vec![Reply { body: body.to_owned(), ..Reply::default() }], ..Script::default() })
        }
        "text/xml" | "application/xml" | "text/html" => read_xml(body.trim_start()),
        _ => Err(12300),
    }
}

fn read_xml(body: &str) -> Result<Script, u32> {
    let document = Document::parse(body).map_err(|_| 12100_u32)?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(12102);
    }
    let mut script = Script::default();
    for verb in root.children().filter(Node::is_element) {
        match verb.tag_name().name() {
            // `Sms` is the verb's old name.
            "Message" | "Sms" if script.replies.len() == MOST => script.warning = Some(14109),
            "Message" | "Sms" => script.replies.push(message(verb)?),
            "Redirect" => {
                let url = text(verb);
                if url.is_empty() {
                    return Err(11100);
                }
                script.redirect = Some((url, verb.attribute("method").unwrap_or("POST").to_owned()));
                break;
            }
            _ => script.warning = Some(12200),
        }
    }
    Ok(script)
}

fn message(verb: Node) -> Result<Reply, u32> {
    let nouns = |name: &'static str| verb.children().filter(move |child| child.tag_name().name() == name);
    let bodies: Vec<String> = nouns("Body").map(text).collect();
    let body = if bodies.is_empty() { own_text(verb) } else { bodies.join("") };
    let media: Vec<String> = nouns("Media").map(text).filter(|url| !url.is_empty()).collect();
    if body.is_empty() && media.is_empty() {
        return Err(14103);
    }
    let attribute = |name: &str| verb.attribute(name).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
    let method = attribute("method").unwrap_or_else(|| "POST".to_owned());
    Ok(Reply {
        body,
        media,
        to: attribute("to"),
        from: attribute("from"),
        status_callback: attribute("statusCallback"),
        action: attribute("action").map(|url| (url, method)),
    })
}

fn text(node: Node) -> String {
    let all: String = node.descendants().filter(Node::is_text).filter_map(|n| n.text()).collect();
    all.trim().to_owned()
}

fn own_text(node: Node) -> String {
    let own: String = node.children().filter(Node::is_text).filter_map(|n| n.text()).collect();
    own.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(inner: &str) -> Result<Script, u32> {
        read(
            Some("text/xml; charset=utf-8"),
            &format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{inner}</Response>"),
        )
    }

    #[test]
    fn reads_messages_with_text_and_media() {
        let script = xml(
            "<Message>Hi &amp; bye</Message><Message to=\"+1\"><Body>See</Body><Media>http://x/a.png</Media></Message>",
        );
        let replies = script.unwrap().replies;
        assert_eq!((replies[0].body.as_str(), replies.len()), ("Hi & bye", 2));
        assert_eq!(
            (replies[1].to.as_deref(), replies[1].media.as_slice()),
            (Some("+1"), &["http://x/a.png".to_owned()][..])
        );
    }

    #[test]
    fn nothing_to_say_is_fine() {
        assert_eq!(xml(""), Ok(Script::default()));
        assert_eq!(read(None, ""), Ok(Script::default()));
    }

    #[test]
    fn a_redirect_ends_the_script() {
        let script = xml("<Redirect method=\"GET\">/more?a=1&amp;b=2</Redirect><Message>never</Message>").unwrap();
        assert_eq!(script.redirect, Some(("/more?a=1&b=2".into(), "GET".into())));
        assert!(script.replies.is_empty());
    }

    #[test]
    fn plain_text_is_sent_back() {
        assert_eq!(read(Some("text/plain"), "hello").unwrap().replies[0].body, "hello");
    }

    #[test]
    fn names_twilios_errors() {
        assert_eq!(read(Some("application/json"), "{}"), Err(12300));
        assert_eq!(read(None, "<Response/>"), Err(12300));
        assert_eq!(read(Some("text/xml"), "<Response>"), Err(12100));
        assert_eq!(read(Some("text/html"), "<html/>"), Err(12102));
        assert_eq!(xml("<Message></Message>"), Err(14103));
        assert_eq!(xml("<Say>no</Say>").unwrap().warning, Some(12200));
        assert_eq!(xml(&"<Message>x</Message>".repeat(11)).unwrap().warning, Some(14109));
    }
}
